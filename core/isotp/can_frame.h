// One CAN or CAN-FD data frame, as a value.
//
// Bring an identifier of 11 or 29 bits and a payload; `check` says whether a CAN controller could send it.
// Sizes are bytes of payload. Classic frames carry 0 to 8; FD frames 0 to 8, 12, 16, 20, 24, 32, 48 or 64 (ISO 11898-1,
// table of DLC codes). Remote frames do not exist here: ISO 15765-2 has no use for them and CAN FD dropped them.
// ECU profile.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <array>
#include <cstdint>

namespace pitstop::isotp {

inline constexpr std::size_t classic_size_bytes_max = 8;
inline constexpr std::size_t fd_size_bytes_max = 64;

// Base format (11 bits) or extended format (29 bits): the same number in the two formats is two different identifiers.
struct CanId {
    std::uint32_t value = 0;
    bool extended = false;

    [[nodiscard]] constexpr bool is_valid() const { return value <= (extended ? 0x1FFFFFFFU : 0x7FFU); }
    auto operator<=>(const CanId&) const = default;
};

struct CanFrame {
    CanId id;
    bool fd = false;   // FDF bit: CAN-FD format
    bool brs = false;  // bit rate switch: payload at the data rate; only with fd
    std::uint8_t size = 0;
    std::array<std::uint8_t, fd_size_bytes_max> data{};

    [[nodiscard]] View payload() const { return View(data).first(size <= data.size() ? size : data.size()); }

    friend bool operator==(const CanFrame& a, const CanFrame& b);
};

[[nodiscard]] bool is_frame_size(std::size_t size_bytes);  // one of the sixteen sizes of the DLC table
[[nodiscard]] std::size_t frame_size_for(
    std::size_t size_bytes);  // the smallest of them that holds this many; 64 at most
[[nodiscard]] std::uint8_t dlc_of(std::size_t frame_size_bytes);  // the 4-bit code of one of them
[[nodiscard]] Result<void> check(const CanFrame& frame);          // isotp.bad-frame

}  // namespace pitstop::isotp
