#include "core/flash/ram_flash.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {

void RamFlash::cut_at(std::uint64_t operation, Torn torn) {
    operations_until_cut_ = operation;
    torn_ = torn;
}

void RamFlash::power_up() {
    has_power_ = true;
    operations_until_cut_ = 0;
}

void RamFlash::fail_sector(std::uint32_t sector, Defect defect) { broken_.emplace_back(sector, defect); }

bool RamFlash::cuts_now() {
    ++operations_;
    if (operations_until_cut_ == 0 || --operations_until_cut_ > 0) return false;
    has_power_ = false;
    return true;
}

Result<void> RamFlash::check_works(std::uint32_t offset, std::size_t size_bytes, Defect defect) const {
    for (const auto& [index, defects] : broken_) {
        const Sector broken = geometry_.sector(index);
        const bool touches = offset < broken.offset + broken.size_bytes && broken.offset < offset + size_bytes;
        const bool fails = (static_cast<unsigned>(defects) & static_cast<unsigned>(defect)) != 0;
        if (touches && fails) return fail(faults::device_failed, "the sector is worn out");
    }
    return {};
}

// `wanted` is what the cells would hold after the whole operation; a bit that did not make it keeps its old value.
void RamFlash::tear(std::uint32_t offset, View wanted) {
    std::uint8_t* cell = cells_.data() + offset;
    const std::size_t size = wanted.size();
    for (std::size_t i = 0; i < size; ++i) {
        std::uint8_t done = 0;
        if (torn_ == Torn::everything || (torn_ == Torn::half && i < size / 2)) done = 0xFF;
        if (torn_ == Torn::scattered) done = static_cast<std::uint8_t>((i * 37 + operations_ * 101) >> 1);
        cell[i] = static_cast<std::uint8_t>((cell[i] & ~done) | (wanted[i] & done));
    }
}

Result<void> RamFlash::erase(std::uint32_t sector) {
    ENSURE(check_erase(geometry_, sector));
    if (!has_power_) return fail(faults::power_lost);
    const Sector where = geometry_.sector(sector);
    ENSURE(check_works(where.offset, where.size_bytes, Defect::erase));
    if (cuts_now()) {
        tear(where.offset, std::vector<std::uint8_t>(where.size_bytes, 0xFF));
        return fail(faults::power_lost);
    }
    std::fill_n(cells_.begin() + where.offset, where.size_bytes, std::uint8_t{0xFF});
    return {};
}

Result<void> RamFlash::program(std::uint32_t offset, View bytes) {
    ENSURE(check_program(geometry_, offset, bytes.size()));
    if (!has_power_) return fail(faults::power_lost);
    ENSURE(check_works(offset, bytes.size(), Defect::program));
    ENSURE(check_only_clears(View(cells_).subspan(offset, bytes.size()), bytes));
    if (cuts_now()) {
        tear(offset, bytes);
        return fail(faults::power_lost);
    }
    std::ranges::copy(bytes, cells_.begin() + offset);
    return {};
}

Result<void> RamFlash::read(std::uint32_t offset, Room into) {
    ENSURE(check_read(geometry_, offset, into.size()));
    if (!has_power_) return fail(faults::power_lost);
    std::copy_n(cells_.begin() + offset, into.size(), into.begin());
    return {};
}

}  // namespace pitstop::flash
