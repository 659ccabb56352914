// Brings an image into one bank: erases sector by sector, programs bytes of any length in whole program units, none of
// them across the end of a sector: so every sector before the last one that is not blank is complete. ECU profile.
//
// Order: begin, erase_step until done, write …, finish; anything else is flash.wrong-sequence. After a fault of the
// flash only begin() goes on. Faults: flash.too-large, flash.wrong-size, flash.wrong-sequence, and those of the device.
#pragma once

#include "core/flash/device.h"
#include "core/flash/layout.h"

#include <array>
#include <cstdint>

namespace pitstop::flash {

enum class Step : std::uint8_t { more, done };

class BankWriter {
public:
    explicit BankWriter(FlashDevice& device) : device_(device) {}

    [[nodiscard]] Result<void> begin(const BankRange& bank, std::uint32_t size_bytes);
    // After a cut: what is before `from_bytes`, the beginning of a sector, stays; so do blank sectors behind it.
    [[nodiscard]] Result<void> go_on(const BankRange& bank, std::uint32_t size_bytes, std::uint32_t from_bytes);
    // Whoever opens the image writes it himself (in place); only the order is kept here.
    void leave_to_opening(const BankRange& bank, std::uint32_t size_bytes);
    [[nodiscard]] Result<Step> erase_step();  // one sector
    [[nodiscard]] Result<void> write(View bytes);
    [[nodiscard]] Result<void> finish();  // every announced byte has arrived
    void abandon() { state_ = State::idle; }

    [[nodiscard]] bool is_ready() const { return state_ == State::writing && received_bytes_ == from_bytes_; }
    [[nodiscard]] bool is_finished() const { return state_ == State::finished; }
    [[nodiscard]] std::uint32_t size_bytes() const { return size_bytes_; }
    [[nodiscard]] std::uint32_t from_bytes() const { return from_bytes_; }
    [[nodiscard]] std::uint32_t erased_bytes() const { return next_sector_offset_ - bank_.offset; }

private:
    enum class State : std::uint8_t { idle, erasing, writing, finished };

    [[nodiscard]] Result<bool> must_erase(const Sector& sector);
    [[nodiscard]] std::uint32_t left_of_sector();
    [[nodiscard]] Result<void> program(View whole_units);
    [[nodiscard]] Result<View> fill_unit(View bytes);  // gives back what is left

    FlashDevice& device_;
    State state_ = State::idle;
    BankRange bank_;
    std::uint32_t size_bytes_ = 0;
    std::uint32_t from_bytes_ = 0;
    std::uint32_t received_bytes_ = 0;
    bool is_left_ = false;  // to the opening
    std::uint32_t next_sector_ = 0;
    std::uint32_t next_sector_offset_ = 0;
    std::uint32_t programmed_to_ = 0;  // offset in the flash
    std::uint32_t write_sector_ = 0;   // in which that is
    std::array<std::uint8_t, Geometry::program_unit_bytes_max> unit_{};
    std::uint32_t unit_fill_ = 0;
};

// flash.* of the device.
[[nodiscard]] Result<bool> is_blank(FlashDevice& device, const Sector& sector);

}  // namespace pitstop::flash
