#include "core/flash/one_bank.h"

#include "core/flash/slots.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

std::uint32_t size_of_each_sector(const Geometry& geometry, const BankRange& bank) {
    const std::uint32_t size = geometry.sector(bank.first_sector).size_bytes;
    return size * bank.sector_count == bank.size_bytes &&
                   geometry.sector(bank.first_sector + bank.sector_count - 1).size_bytes == size
               ? size
               : 0;
}

}  // namespace

OneBank::OneBank(FlashDevice& device, const Layout& layout, Slots& slots)
    : device_(device),
      range_(layout.bank(flash::Bank::a)),
      slots_(slots),
      sector_bytes_(layout.has_one_bank() ? size_of_each_sector(device.geometry(), range_) : 0) {}

Result<void> OneBank::erase(std::uint32_t sector_offset) {
    ENSURE(slots_.give_up_image());
    work_.erased_bytes += sector_bytes();
    return device_.erase(range_.first_sector + sector_offset / sector_bytes());
}

Result<void> OneBank::program(std::uint32_t offset, View units) {
    work_.programmed_bytes += static_cast<std::uint32_t>(units.size());
    return device_.program(range_.offset + offset, units);
}

Result<void> OneBank::read(std::uint32_t offset, Room into) {
    work_.read_bytes += static_cast<std::uint32_t>(into.size());
    return device_.read(range_.offset + offset, into);
}

MoveJournal::MoveJournal(FlashDevice& device, const Layout& layout)
    : device_(device),
      sectors_(layout.move_journal),
      sector_bytes_(std::min(device.geometry().sector(sectors_[0]).size_bytes,
                             device.geometry().sector(sectors_[1]).size_bytes)) {}

std::uint32_t MoveJournal::place_of(std::uint32_t offset) const {
    return device_.geometry().sector(sectors_[offset / sector_bytes_]).offset + offset % sector_bytes_;
}

Result<void> MoveJournal::erase(std::uint32_t sector_offset) {
    return device_.erase(sectors_[sector_offset / sector_bytes_]);
}

Result<void> MoveJournal::clear() {
    for (const std::uint32_t index : sectors_) {
        TRY(const bool blank, is_blank(device_, device_.geometry().sector(index)));
        if (!blank) ENSURE(device_.erase(index));
    }
    return {};
}

}  // namespace pitstop::flash
