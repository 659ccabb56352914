#include "core/flash/layout.h"

#include "core/flash/boot_records.h"
#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint32_t first_of_banks = 4;

}  // namespace

std::uint32_t Layout::image_size_bytes_max() const { return std::min(banks[0].size_bytes, banks[1].size_bytes); }

Result<Layout> plan_layout(const Geometry& geometry) {
    ENSURE(check_geometry(geometry));
    const std::uint32_t sectors = geometry.sector_count();
    if (sectors < first_of_banks + 2)
        return fail(faults::bad_geometry, "two record areas, two trust areas and two banks need six sectors");
    if (geometry.sector(0).size_bytes < boot_record_size_bytes ||
        geometry.sector(1).size_bytes < boot_record_size_bytes)
        return fail(faults::bad_geometry, "the first two sectors hold boot records of 256 bytes");

    Layout best;
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
