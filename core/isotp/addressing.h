// Whose a frame is (ISO 15765-2:2016 clause 10.3): the identifier alone, or the identifier and the first byte of the
// data.
//
//     normal           FrameAddress(CanId{0x711})
//     normal fixed     FrameAddress(normal_fixed(Addressing::physical, target, source))    18DA, 18DB
//     extended         FrameAddress(id, target)                 the byte is N_TA
//     mixed, 11 bits   FrameAddress(id, extension)              the byte is N_AE
//     mixed, 29 bits   FrameAddress(mixed(Addressing::physical, target, source), extension)    18CE, 18CD
//
// ECU profile.
#pragma once

#include "core/isotp/can_frame.h"

#include <optional>

namespace pitstop::isotp {

// N_TAtype: to one node, or to all that listen. A functional message is one single frame.
enum class Addressing : std::uint8_t { physical, functional };

struct FrameAddress {
    constexpr FrameAddress() = default;
    constexpr FrameAddress(CanId with, std::optional<std::uint8_t> first = {}) : id(with), byte(first) {}  // NOLINT

    CanId id;
    std::optional<std::uint8_t> byte;

    [[nodiscard]] std::size_t size_bytes() const { return byte ? 1 : 0; }  // what it takes of each frame's data
    [[nodiscard]] bool is_of(const CanFrame& frame) const;
    auto operator<=>(const FrameAddress&) const = default;
};

// The 29-bit identifiers that carry both addresses. Priority 6 is the standard's default.
[[nodiscard]] constexpr CanId addressed(std::uint8_t format, std::uint8_t target, std::uint8_t source,
                                        std::uint8_t priority = 6) {
    return {(priority & 7U) << 26 | static_cast<std::uint32_t>(format) << 16 | static_cast<std::uint32_t>(target) << 8 |
                source,
            true};
}
[[nodiscard]] constexpr CanId normal_fixed(Addressing type, std::uint8_t target, std::uint8_t source) {
    return addressed(type == Addressing::physical ? 0xDA : 0xDB, target, source);
}
[[nodiscard]] constexpr CanId mixed(Addressing type, std::uint8_t target, std::uint8_t source) {
    return addressed(type == Addressing::physical ? 0xCE : 0xCD, target, source);
}

}  // namespace pitstop::isotp
