// Which sectors hold what: two small record areas first, then two trust areas, then bank A and bank B of whole sectors.
// ECU profile.
//
// With one bank: the golden boot loader's sector first, which nothing ever writes (protected_flash.h), then the record
// and trust areas, two sectors for the journal of deltas in place, and bank A.
//
// Fault: flash.bad-geometry when the flash cannot hold that.
#pragma once

#include "core/flash/boot.h"
#include "core/flash/device.h"
#include "core/flash/trust_area.h"

#include <array>
#include <cstdint>

namespace pitstop::flash {

struct BankRange {
    std::uint32_t first_sector = 0;
    std::uint32_t sector_count = 0;
    std::uint32_t offset = 0;
    std::uint32_t size_bytes = 0;
};

struct Layout {
    Banks banks_there = Banks::two;
    SectorRange loader{0, 0};
    std::array<std::uint32_t, 2> move_journal{};      // sectors; one bank only
    std::array<std::uint32_t, 2> record_areas{0, 1};  // sectors
    std::array<SectorRange, 2> trust_areas{SectorRange{2, 1}, SectorRange{3, 1}};
    std::array<BankRange, 2> banks{};

    // The sectors that begin with a record which vouches for what was programmed before it.
    [[nodiscard]] std::array<std::uint32_t, 4> vouching_sectors() const {
        return {record_areas[0], record_areas[1], trust_areas[0].first_sector, trust_areas[1].first_sector};
    }
    [[nodiscard]] const BankRange& bank(Bank which) const { return banks[index_of(which)]; }
    [[nodiscard]] bool has_one_bank() const { return banks_there == Banks::one; }
    // What fits into either bank: an image must be able to run from both.
    [[nodiscard]] std::uint32_t image_size_bytes_max() const;
};

// Two banks: the split after which the smaller one is as large as the sectors allow.
[[nodiscard]] Result<Layout> plan_layout(const Geometry& geometry, Banks banks = Banks::two);

}  // namespace pitstop::flash
