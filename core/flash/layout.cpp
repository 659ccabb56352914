#include "core/flash/layout.h"

#include "core/flash/boot_records.h"
#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint32_t first_of_banks = 4;
constexpr std::uint32_t first_of_the_bank = 7;

Result<void> check_record_areas(const Geometry& geometry, const std::array<std::uint32_t, 2>& areas) {
    for (const std::uint32_t sector : areas) {
        if (geometry.sector(sector).size_bytes < boot_record_size_bytes)
            return fail(faults::bad_geometry, "the sectors of boot records hold at least 256 bytes");
    }
    return {};
}

Result<Layout> plan_one_bank(const Geometry& geometry) {
    const std::uint32_t sectors = geometry.sector_count();
    if (sectors < first_of_the_bank + 1)
        return fail(faults::bad_geometry, "a loader, two records, two trust areas, a journal of two and a bank");
    const std::uint32_t begin = geometry.sector(first_of_the_bank).offset;
    Layout layout{.banks_there = Banks::one,
                  .loader = {0, 1},
                  .move_journal = {5, 6},
                  .record_areas = {1, 2},
                  .trust_areas = {SectorRange{3, 1}, SectorRange{4, 1}}};
    layout.banks[0] = {first_of_the_bank, sectors - first_of_the_bank, begin, geometry.size_bytes() - begin};
    ENSURE(check_record_areas(geometry, layout.record_areas));
    return layout;
}

}  // namespace

std::uint32_t Layout::image_size_bytes_max() const {
    return has_one_bank() ? banks[0].size_bytes : std::min(banks[0].size_bytes, banks[1].size_bytes);
}

Result<Layout> plan_layout(const Geometry& geometry, Banks banks) {
    ENSURE(check_geometry(geometry));
    if (banks == Banks::one) return plan_one_bank(geometry);
    const std::uint32_t sectors = geometry.sector_count();
    if (sectors < first_of_banks + 2)
        return fail(faults::bad_geometry, "two record areas, two trust areas and two banks need six sectors");
    Layout best;
    ENSURE(check_record_areas(geometry, best.record_areas));

    const std::uint32_t start = geometry.sector(first_of_banks).offset;
    const std::uint32_t end = geometry.size_bytes();
    for (std::uint32_t first_of_b = first_of_banks + 1; first_of_b < sectors; ++first_of_b) {
        const std::uint32_t middle = geometry.sector(first_of_b).offset;
        Layout candidate;
        candidate.banks = {BankRange{first_of_banks, first_of_b - first_of_banks, start, middle - start},
                           BankRange{first_of_b, sectors - first_of_b, middle, end - middle}};
        if (candidate.image_size_bytes_max() > best.image_size_bytes_max()) best = candidate;
    }
    return best;
}

}  // namespace pitstop::flash
