// A flash in memory for tests: it obeys flash rules, and its power can be cut at any operation.
// Not part of the ECU profile.
//
//     RamFlash flash(geometry);
//     flash.cut_at(17, Torn::half);   // the 17th erase or program from now on is left half done; all after it fail
//     ...
//     flash.power_up();               // what was programmed stays
//
// Faults: flash.power-lost, and those of device.h.
#pragma once

#include "core/flash/device.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace pitstop::flash {

// How much of the interrupted operation reached the cells.
enum class Torn : std::uint8_t {
    nothing,     // the power went just before
    half,        // the first half is done
    scattered,   // some bits of every byte: an erase leaves noise, a program has cleared only some of its bits
    everything,  // the power went just after: done, but nobody was told
};

// What a worn-out sector no longer does. Its cells keep what they hold.
enum class Defect : std::uint8_t { erase = 1, program = 2, both = 3 };

class RamFlash final : public FlashDevice {
public:
    explicit RamFlash(const Geometry& geometry) : geometry_(geometry), cells_(geometry.size_bytes(), 0xFF) {}

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> erase(std::uint32_t sector) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, View bytes) override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override;

    // The operation-th erase or program from now on (1 = the next) loses power.
    void cut_at(std::uint64_t operation, Torn torn);
    void power_up();                                                       // also forgets a cut that has not come yet
    void fail_sector(std::uint32_t sector, Defect defect = Defect::both);  // from now on: flash.device-failed

    [[nodiscard]] bool has_power() const { return has_power_; }
    [[nodiscard]] std::uint64_t operations() const { return operations_; }  // erases and programs so far
    [[nodiscard]] Room cells() { return cells_; }                           // for a test that damages them

private:
    [[nodiscard]] bool cuts_now();
    [[nodiscard]] Result<void> check_works(std::uint32_t offset, std::size_t size_bytes, Defect defect) const;
    void tear(std::uint32_t offset, View wanted);

    Geometry geometry_;
    std::vector<std::uint8_t> cells_;
    std::uint64_t operations_ = 0;
    std::uint64_t operations_until_cut_ = 0;  // 0: no cut is planned
    Torn torn_ = Torn::nothing;
    bool has_power_ = true;
    std::vector<std::pair<std::uint32_t, Defect>> broken_;  // sectors
};

}  // namespace pitstop::flash
