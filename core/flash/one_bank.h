// The one bank of an ECU without a second, as core/delta's in-place patcher wants it; and its journal's sectors.
// ECU profile.
//
// Bring a flash with a layout for one bank, and slots that have booted; all outlive these. Faults: those of the device.
#pragma once

#include "core/delta/bank.h"
#include "core/flash/layout.h"
#include "core/flash/opening.h"

namespace pitstop::flash {

class Slots;

// Its sectors have one size, or it has none at all: then nothing fits into it.
class OneBank final : public delta::Bank {
public:
    OneBank(FlashDevice& device, const Layout& layout, Slots& slots);

    [[nodiscard]] std::uint32_t size_bytes() const override { return sector_bytes_ * range_.sector_count; }
    [[nodiscard]] std::uint32_t sector_bytes() const override { return sector_bytes_ == 0 ? 1 : sector_bytes_; }
    [[nodiscard]] std::uint32_t program_unit_bytes() const override { return device_.geometry().program_unit_bytes; }
    // The boot record gives the image up first.
    [[nodiscard]] Result<void> erase(std::uint32_t sector_offset) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, View units) override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override;

    [[nodiscard]] const Opening::Work& work() const { return work_; }  // so far

private:
    FlashDevice& device_;
    BankRange range_;
    Slots& slots_;
    std::uint32_t sector_bytes_;
    Opening::Work work_;
};

// Two sectors, of the smaller one's size.
class MoveJournal final : public delta::Bank {
public:
    MoveJournal(FlashDevice& device, const Layout& layout);

    [[nodiscard]] std::uint32_t size_bytes() const override { return 2 * sector_bytes_; }
    [[nodiscard]] std::uint32_t sector_bytes() const override { return sector_bytes_; }
    [[nodiscard]] std::uint32_t program_unit_bytes() const override { return device_.geometry().program_unit_bytes; }
    [[nodiscard]] Result<void> erase(std::uint32_t sector_offset) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, View units) override {
        return device_.program(place_of(offset), units);
    }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        return device_.read(place_of(offset), into);
    }

    [[nodiscard]] Result<void> clear();  // what it says is over

private:
    [[nodiscard]] std::uint32_t place_of(std::uint32_t offset) const;

    FlashDevice& device_;
    std::array<std::uint32_t, 2> sectors_;
    std::uint32_t sector_bytes_;
};

}  // namespace pitstop::flash
