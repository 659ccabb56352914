// What a delta in place may copy from where: a block is made in the place of old bytes, so it may read only what lies
// behind its end, after the old image has moved up. For the desk.
#pragma once

#include "core/delta/copies.h"
#include "core/delta/make.h"

namespace pitstop::delta {

struct InPlacePlan {
    std::vector<Range> blocks;
    std::uint32_t shift_bytes = 0;  // how far the old image moves
    Copies copies;                  // what of them is still there when it is needed
};

// Faults: delta.bank-too-small.
[[nodiscard]] Result<InPlacePlan> plan_in_place(const Copies& copies, std::uint32_t old_size, std::uint32_t new_size,
                                                const Options& options);

}  // namespace pitstop::delta
