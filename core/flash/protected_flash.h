// A flash whose golden boot loader nothing can change, as the write protection of a controller has it. ECU profile.
//
// Bring the flash and its layout; both outlive it. Faults: flash.write-protected, and those of the flash.
#pragma once

#include "core/flash/layout.h"

namespace pitstop::flash {

class ProtectedFlash final : public FlashDevice {
public:
    ProtectedFlash(FlashDevice& device, const Layout& layout) : device_(device), loader_(layout.loader) {}

    [[nodiscard]] const Geometry& geometry() const override { return device_.geometry(); }
    [[nodiscard]] Result<void> erase(std::uint32_t sector) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, View bytes) override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override { return device_.read(offset, into); }

private:
    FlashDevice& device_;
    SectorRange loader_;
};

}  // namespace pitstop::flash
