// What stands at the beginning of a delta, to the byte in docs/formats/delta.md. ECU profile.
#pragma once

#include "core/base/bytes.h"
#include "core/delta/mode.h"

#include <array>

namespace pitstop::delta {

inline constexpr std::size_t header_size_bytes = 120;
inline constexpr std::size_t block_header_size_bytes = 8;
inline constexpr std::uint32_t places_max = 3072;  // 14 bytes each while a delta is applied
inline constexpr std::uint32_t window_bytes_min = 1024, window_bytes_max = std::uint32_t{1} << 20;
inline constexpr std::uint32_t sector_bytes_min = 256, sector_bytes_max = std::uint32_t{1} << 20;  // of flash there is

struct Header {
    Mode mode = Mode::beside;
    std::uint32_t window_bytes = 0, sector_bytes = 0;
    std::uint32_t old_size_bytes = 0, new_size_bytes = 0;
    Sha256Digest old_digest{}, new_digest{};
    std::uint32_t shift_bytes = 0;  // in place: the old image moves up by so much first
    std::uint32_t place_count = 0;
    std::uint32_t opening_size_bytes = 0;  // this header and the layout behind it: what every beginning needs
    std::uint32_t delta_size_bytes = 0;    // of the whole

    bool operator==(const Header&) const = default;
};

using HeaderBytes = std::array<std::uint8_t, header_size_bytes>;

[[nodiscard]] HeaderBytes encode_header(const Header& header);

// Of the first header_size_bytes or more. Faults: delta.truncated, not-this-version, damaged, too-large.
[[nodiscard]] Result<Header> decode_header(View bytes);

// What to lend a Patcher.
[[nodiscard]] std::size_t workspace_bytes(const Header& header);

}  // namespace pitstop::delta
