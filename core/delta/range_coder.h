// Bits as fractions of a range (an adaptive binary range coder): what is expected costs almost nothing, and both sides
// learn what to expect from what went before. ECU profile; no tables beyond one of reciprocals.
//
// RangeEncoder and RangeDecoder offer the same calls, so that the syntax of docs/formats/delta.md is written down once,
// as templates that either say a value or hear it: `value = coder.bit(model, value)`. The decoder ignores what it is
// given and returns what it read.
#pragma once

#include "core/base/bytes.h"

#include <algorithm>
#include <array>

namespace pitstop::delta {

// What one step of block_coder.h may need at most, with reserve: fewer than 48 learned bits of less than two bytes
// each, and 64 plain ones.
inline constexpr std::size_t step_bytes_max = 112;

// How probable a one is: 22 bits of chance, and below them 10 bits that count how often it was asked, so that the first
// answers teach more than the later ones.
struct BitModel {
    std::uint32_t state = std::uint32_t{1} << 31;
};

enum class Pace : std::uint8_t { quick = 28, steady = 250 };  // for what changes, and for what stays

namespace range {

inline constexpr std::uint32_t bottom = std::uint32_t{1} << 24;
inline constexpr std::uint32_t chance_min = 24, chance_max = 65536 - 24;  // of 65,536: nothing is ever certain

inline constexpr std::array<std::uint16_t, 256> reciprocals = [] {
    std::array<std::uint16_t, 256> table{};
    for (std::uint32_t n = 0; n < 256; ++n) table[n] = static_cast<std::uint16_t>(131072 / (2 * n + 3));
    return table;
}();

inline std::uint32_t split(std::uint32_t range, BitModel model) {
    return (range >> 16) * std::clamp(model.state >> 16, chance_min, chance_max);
}

inline void learn(BitModel& model, bool bit, Pace pace) {
    const std::uint32_t count = model.state & 1023U;
    const auto chance = static_cast<std::int32_t>(model.state >> 10);
    const std::int32_t goal = bit ? (1 << 22) - 1 : 0;
    const auto step =
        static_cast<std::int32_t>((static_cast<std::int64_t>(goal - chance) * reciprocals[count]) / 65536);
    const std::uint32_t next = count < static_cast<std::uint32_t>(pace) ? count + 1 : static_cast<std::uint32_t>(pace);
    model.state = (static_cast<std::uint32_t>(chance + step) << 10) | next;
}

}  // namespace range

class RangeDecoder {
public:
    // The bytes of one stretch, from its beginning; more of them are lent as they come.
    void begin() { *this = RangeDecoder(); }
    void lend(View bytes, bool is_rest) {
        bytes_ = bytes;
        at_ = 0;
        is_rest_ = is_rest;
    }
    static constexpr bool says = false;
    // Enough is there for one step, or all that will ever come.
    [[nodiscard]] bool is_ready() const { return is_rest_ || left() >= step_bytes_max; }
    [[nodiscard]] std::size_t used() const { return at_; }
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] bool ran_out() const { return ran_out_; }
    [[nodiscard]] bool ended_well() const { return !ran_out_ && code_ == 0; }

    void start() {
        for (int i = 0; i < 4; ++i) code_ = (code_ << 8) | next_byte();
    }

    bool bit(BitModel& model, bool = false, Pace pace = Pace::steady) {
        const std::uint32_t bound = range::split(range_, model);
        const bool is_one = code_ < bound;
        if (is_one) {
            range_ = bound;
        } else {
            code_ -= bound;
            range_ -= bound;
        }
        range::learn(model, is_one, pace);
        refill();
        return is_one;
    }

    std::uint32_t plain(std::uint32_t, std::uint32_t bits) {
        std::uint32_t value = 0;
        for (; bits > 0; --bits) {
            range_ >>= 1;
            const bool is_one = code_ >= range_;
            if (is_one) code_ -= range_;
            value = (value << 1) | (is_one ? 1U : 0U);
            refill();
        }
        return value;
    }

private:
    std::uint8_t next_byte() {
        if (at_ < bytes_.size()) return bytes_[at_++];
        ran_out_ = true;
        return 0;
    }
    void refill() {
        while (range_ < range::bottom) {
            range_ <<= 8;
            code_ = (code_ << 8) | next_byte();
        }
    }

    View bytes_;
    std::size_t at_ = 0;
    std::uint32_t range_ = 0xFFFFFFFF;
    std::uint32_t code_ = 0;
    bool is_rest_ = false;
    bool ran_out_ = false;
};

}  // namespace pitstop::delta
