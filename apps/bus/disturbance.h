// What goes wrong on the bus, by seed: the same numbers go wrong in each run.
//
// Bring the number of each frame, counted from 0 in the order of the bus. Rates are in frames per million.
//   errors   a frame is ended by an error frame: it costs its bits up to there, the error flags, the delimiter and the
//            intermission, nobody hears it, and its sender repeats it as soon as it wins again
//   doubles  the error strikes the last bit of the end of frame but one: everybody has heard the frame and its sender
//            repeats it all the same (ISO 11898-1: the well-known double reception)
//   losses   a frame passes and a node does not hear it: its controller was full. Each node has its own luck
#pragma once

#include "core/isotp/bit_timing.h"

#include <cstdint>

namespace pitstop::bus {

struct FaultSettings {
    std::uint64_t seed = 1;
    std::uint32_t error_per_million = 0;
    std::uint32_t double_per_million = 0;
    std::uint32_t loss_per_million = 0;
};

enum class Fate : std::uint8_t { passes, destroyed, doubled };
enum class Hearing : std::uint8_t { hears, misses };

// Two error flags that overlap as little as they can, the delimiter, the intermission.
inline constexpr std::uint32_t error_frame_bits = 12 + 8 + 3;

class Disturbance {
public:
    Disturbance() = default;
    explicit Disturbance(const FaultSettings& settings) : settings_(settings) {}

    [[nodiscard]] Fate fate_of(std::uint64_t number) const;
    [[nodiscard]] Hearing hearing(std::uint64_t number, std::uint32_t node) const;
    // The bits of a frame that does not pass, with the error frame behind it.
    [[nodiscard]] isotp::FrameBits cut(const isotp::FrameBits& whole, std::uint64_t number, Fate fate) const;

private:
    // Evenly spread over 64 bits; `draw` tells apart what is drawn for the same frame.
    [[nodiscard]] std::uint64_t drawn(std::uint64_t number, std::uint64_t draw) const;

    FaultSettings settings_;
};

}  // namespace pitstop::bus
