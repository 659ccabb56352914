// How the new image is written, and how large images may be. ECU profile.
#pragma once

#include <cstdint>

namespace pitstop::delta {

inline constexpr std::uint64_t image_bytes_max = std::uint64_t{1} << 30;  // as image::size_bytes_max

enum class Mode : std::uint8_t {
    beside = 0,    // the new image is written into the other bank
    in_place = 1,  // into the same bank, sector by sector, with a journal
};

}  // namespace pitstop::delta
