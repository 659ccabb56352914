// Numbers of any size in learned bits: first how many bits they have, then the upper ones as learned, the rest plain.
// ECU profile. `Coder` is a RangeEncoder or a RangeDecoder.
#pragma once

#include "core/delta/range_coder.h"

#include <bit>

namespace pitstop::delta {

struct NumberModel {
    std::array<BitModel, 32> width;                  // a tree over the five bits of the number's width
    std::array<BitModel, std::size_t{32} * 4> high;  // the two bits below the leading one, by width
};

// 0 … 2^32 - 2.
template <class Coder>
std::uint32_t code_number(Coder& coder, NumberModel& model, std::uint32_t number) {
    const std::uint32_t said = number + 1;
    const auto said_width = static_cast<std::uint32_t>(std::bit_width(said)) - 1;
    std::uint32_t node = 1;
    for (int i = 4; i >= 0; --i) {
        const bool bit = coder.bit(model.width[node], ((said_width >> i) & 1U) != 0);
        node = (node << 1) | (bit ? 1U : 0U);
    }
    const std::uint32_t width = node - 32;
    std::uint32_t value = 1, place = width * 4 + 1, left = width;
    for (int i = 0; i < 2 && left > 0; ++i) {
        --left;
        const bool bit = coder.bit(model.high[place], ((said >> left) & 1U) != 0);
        value = (value << 1) | (bit ? 1U : 0U);
        place = width * 4 + 2 + (bit ? 1U : 0U);
    }
    if (left > 0) value = (value << left) | coder.plain(said & ((std::uint32_t{1} << left) - 1), left);
    return value - 1;
}

struct SignedModel {
    BitModel sign;
    NumberModel size;
};

// A difference modulo 2^32; its size is at most 2^31.
template <class Coder>
std::uint32_t code_difference(Coder& coder, SignedModel& model, std::uint32_t difference) {
    const bool said_negative = (difference >> 31) != 0;
    const bool negative = coder.bit(model.sign, said_negative);
    const std::uint32_t size = code_number(coder, model.size, said_negative ? 0U - difference : difference);
    return negative ? 0U - size : size;
}

// A byte, bit by bit from the top, each known by those above it.
using ByteModel = std::array<BitModel, 256>;

template <class Coder>
std::uint8_t code_byte(Coder& coder, ByteModel& model, std::uint8_t value, Pace pace) {
    std::uint32_t node = 1;
    for (int i = 7; i >= 0; --i) {
        const bool bit = coder.bit(model[node], ((value >> i) & 1) != 0, pace);
        node = (node << 1) | (bit ? 1U : 0U);
    }
    return static_cast<std::uint8_t>(node);
}

}  // namespace pitstop::delta
