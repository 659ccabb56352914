#include "apps/bus/disturbance.h"

#include <algorithm>

namespace pitstop::bus {
namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr std::uint64_t fate_draw = 0, cut_draw = 1, hearing_draw = 2;  // and for each node the one after it

constexpr std::uint32_t intermission_bits = 3;
constexpr std::uint32_t bits_before_errors = 2;  // nothing can be wrong with the start of a frame

// SplitMix64's way of spreading what is counted.
std::uint64_t spread(std::uint64_t value) {
    value += 0x9E37'79B9'7F4A'7C15;
    value = (value ^ value >> 30) * 0xBF58'476D'1CE4'E5B9;
    value = (value ^ value >> 27) * 0x94D0'49BB'1331'11EB;
    return value ^ value >> 31;
}

}  // namespace

std::uint64_t Disturbance::drawn(std::uint64_t number, std::uint64_t draw) const {
    return spread(spread(spread(settings_.seed) ^ number) ^ draw);
}

Fate Disturbance::fate_of(std::uint64_t number) const {
    const std::uint64_t dice = drawn(number, fate_draw) % million;
    if (dice < settings_.error_per_million) return Fate::destroyed;
    return dice < std::uint64_t{settings_.error_per_million} + settings_.double_per_million ? Fate::doubled
                                                                                            : Fate::passes;
}

Hearing Disturbance::hearing(std::uint64_t number, std::uint32_t node) const {
    return drawn(number, hearing_draw + node) % million < settings_.loss_per_million ? Hearing::misses : Hearing::hears;
}

isotp::FrameBits Disturbance::cut(const isotp::FrameBits& whole, std::uint64_t number, Fate fate) const {
    if (fate == Fate::doubled) return {whole.nominal - intermission_bits - 1 + error_frame_bits, whole.data};
    const std::uint32_t all = whole.nominal + whole.data - intermission_bits;
    const auto bits =
        static_cast<std::uint32_t>(bits_before_errors + drawn(number, cut_draw) % (all - bits_before_errors));
    // The data phase lies in the middle; an error frame is sent at the nominal rate.
    const std::uint32_t tail_bits = 12;  // at the nominal rate behind the data phase
    const std::uint32_t before = whole.nominal - tail_bits;
    const std::uint32_t data = bits <= before ? 0 : std::min(bits - before, whole.data);
    return {bits - data + error_frame_bits, data};
}

}  // namespace pitstop::bus
