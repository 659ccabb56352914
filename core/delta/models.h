// Everything that both sides of a delta learn while they say and hear one block. ECU profile: part of the workspace.
#pragma once

#include "core/delta/numbers.h"
#include "core/delta/references.h"

namespace pitstop::delta {

// What an address that led to `target` was off by, the last time: the same again is likely.
struct Remembered {
    std::uint32_t target = 0;
    std::uint32_t off_by = 0;
};

struct Models {
    static constexpr unsigned remembered_bits = 12, near_bits = 7;

    // Operations
    std::array<BitModel, 6> is_copy;    // by what came before, and whether a place is here
    std::array<BitModel, 2> as_placed;  // from where the place says
    BitModel to_its_end;
    NumberModel copy_size;
    SignedModel copy_from;
    std::array<BitModel, 3> is_match;  // by what came before
    NumberModel match_size, match_distance;
    std::array<ByteModel, 16> literal;  // by the upper half of the byte before

    // Corrections
    std::array<NumberModel, 6> gap;       // by code or data, and by the gap before
    std::array<BitModel, 2> word_again;   // by whether it was so before
    std::array<ByteModel, 6> correction;  // by code or data, and how long this run of them is

    // References
    std::array<BitModel, std::size_t{field_kinds} * 20> as_remembered;
    std::array<BitModel, field_kinds> as_guessed, as_before, same_shape;
    std::array<SignedModel, 2> off_by;
    std::array<Remembered, 1U << remembered_bits> memory;  // by target
    std::array<Remembered, 1U << near_bits> near;          // by the target's page: what lies together moved together
};

}  // namespace pitstop::delta
