#include "core/flash/protected_flash.h"

#include "core/flash/faults.h"

namespace pitstop::flash {

Result<void> ProtectedFlash::erase(std::uint32_t sector) {
    if (sector - loader_.first_sector < loader_.sector_count) return fail(faults::write_protected);
    return device_.erase(sector);
}

Result<void> ProtectedFlash::program(std::uint32_t offset, View bytes) {
    for (std::uint32_t i = 0; i < loader_.sector_count; ++i) {
        const Sector sector = geometry().sector(loader_.first_sector + i);
        const bool is_before = offset + bytes.size() <= sector.offset;
        const bool is_behind = offset >= sector.offset + sector.size_bytes;
        if (!is_before && !is_behind) return fail(faults::write_protected);
    }
    return device_.program(offset, bytes);
}

}  // namespace pitstop::flash
