#include "core/flash/device.h"

#include "core/flash/faults.h"

namespace pitstop::flash {

std::uint32_t Geometry::sector_count() const {
    std::uint32_t count = 0;
    for (const SectorRun& run : runs) count += run.count;
    return count;
}

std::uint32_t Geometry::size_bytes() const {
    std::uint32_t size = 0;
    for (const SectorRun& run : runs) size += run.count * run.size_bytes;
    return size;
}

Sector Geometry::sector(std::uint32_t index) const {
    std::uint32_t offset = 0;
    for (const SectorRun& run : runs) {
        if (index < run.count) return {offset + index * run.size_bytes, run.size_bytes};
        index -= run.count;
        offset += run.count * run.size_bytes;
    }
    return {offset, 0};
}

Result<void> check_geometry(const Geometry& geometry) {
    const std::uint32_t unit = geometry.program_unit_bytes;
    if (unit == 0 || unit > Geometry::program_unit_bytes_max || (unit & (unit - 1)) != 0)
        return fail(faults::bad_geometry, "the program unit is a power of two up to 256 bytes");
    std::uint64_t size = 0;
    for (const SectorRun& run : geometry.runs) {
        if (run.count == 0) continue;
        if (run.size_bytes == 0 || run.size_bytes % unit != 0)
            return fail(faults::bad_geometry, "a sector is a whole number of program units");
        size += std::uint64_t{run.count} * run.size_bytes;
        if (size > Geometry::size_bytes_max) return fail(faults::bad_geometry, "a flash has at most 1 GiB");
    }
    if (size == 0) return fail(faults::bad_geometry, "a flash needs at least one sector");
    return {};
}

Result<void> check_erase(const Geometry& geometry, std::uint32_t sector) {
    if (sector >= geometry.sector_count()) return fail(faults::bad_address, "an erase of a sector that is not there");
    return {};
}

Result<void> check_program(const Geometry& geometry, std::uint32_t offset, std::size_t size_bytes) {
    const std::uint32_t unit = geometry.program_unit_bytes;
    if (offset % unit != 0 || size_bytes % unit != 0)
        return fail(faults::bad_address, "programming comes in whole, aligned program units");
    return check_read(geometry, offset, size_bytes);
}

Result<void> check_read(const Geometry& geometry, std::uint32_t offset, std::size_t size_bytes) {
    const std::uint32_t size = geometry.size_bytes();
    if (offset > size || size_bytes > size - offset) return fail(faults::bad_address, "a place outside the flash");
    return {};
}

Result<void> check_only_clears(View in_flash, View wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if ((in_flash[i] & wanted[i]) != wanted[i])
            return fail(faults::sets_a_bit, "the place was programmed before and not erased since");
    }
    return {};
}

}  // namespace pitstop::flash
