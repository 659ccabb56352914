// How long a frame occupies a CAN bus: the bits that really go over the wire, stuff bits included (ISO 11898-1:2015,
// clauses 10.4 and 10.5).
//
// Bring a frame that `check` accepts. `bits_of` counts the bits at the nominal and at the data rate from the start of
// frame to the end of the intermission, with the stuffing of this very content: classic frames with their CRC-15, FD
// frames with dynamic stuff bits up to the data field and fixed ones in the CRC field. In FD the value of the CRC does
// not matter for its length, so it is not computed.
#pragma once

#include "core/isotp/can_frame.h"

#include <chrono>
#include <cstdint>

namespace pitstop::isotp {

struct BitRates {
    std::uint32_t nominal_bits_per_s = 500'000;
    std::uint32_t data_bits_per_s = 2'000'000;
};

struct FrameBits {
    std::uint32_t nominal = 0;
    std::uint32_t data = 0;  // 0 unless the frame switches the rate
    bool operator==(const FrameBits&) const = default;
};

[[nodiscard]] FrameBits bits_of(const CanFrame& frame);
[[nodiscard]] std::chrono::nanoseconds duration_of(const FrameBits& bits, const BitRates& rates);

// CRC-15-CAN over bits, oldest first; exposed because a test holds it against the published check value.
[[nodiscard]] constexpr std::uint16_t crc15_step(std::uint16_t crc, bool bit) {
    const bool invert = bit != ((crc >> 14 & 1) != 0);
    const auto shifted = static_cast<std::uint16_t>(crc << 1 & 0x7FFF);
    return invert ? static_cast<std::uint16_t>(shifted ^ 0x4599) : shifted;
}

}  // namespace pitstop::isotp
