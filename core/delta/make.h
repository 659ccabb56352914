// Makes the delta that turns one image into another. For the desk and the server.
//
// Bring both images whole. The same two images and options give the same bytes, whoever works.
// The way: find_references (calls, branches, addresses: x86-64, Thumb, AArch64, pointers) in both; match what lies
// between them (libdivsufsort); tell the streams of docs/formats/delta.md apart; zstd.
// Faults: delta.empty, too-large, impossible-options.
#pragma once

#include "core/base/bytes.h"
#include "core/base/for_each.h"
#include "core/base/result.h"

#include <cstdint>

namespace pitstop::delta {

inline constexpr std::uint64_t image_bytes_max = std::uint64_t{1} << 30;  // as image::size_bytes_max

enum class Mode : std::uint8_t {
    beside = 0,    // the new image is written into the other bank
    in_place = 1,  // into the same bank, sector by sector, with a journal
};

struct Options {
    Mode mode = Mode::beside;
    std::uint32_t window_bytes = 4096;  // of zstd; the ECU's description says what it has room for
    std::uint32_t sector_bytes = 4096;  // blocks end at a multiple: an ECU goes on there after a power cut
};

[[nodiscard]] Result<Bytes> make(View old_image, View new_image, const Options& options = {},
                                 const ForEach& for_each = in_turn);

}  // namespace pitstop::delta
