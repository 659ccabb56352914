// The image that a zonal gateway runs itself: two banks in a flash file, as any ECU has them, and what opens payloads
// for them, from one power-on to the next. Faults: files.*, flash.*, keys.*; those of ZoneTrust::power_on().
#pragma once

#include "apps/zone/zone_trust.h"
#include "core/crypto/digest.h"
#include "io/ecu/image_settings.h"
#include "io/ecu/own_opening.h"
#include "io/files/file_flash.h"
#include "io/runtime/loop.h"

#include <memory>

namespace pitstop::zone {

class OwnImage {
public:
    // Bring settings that outlive it.
    static Result<std::unique_ptr<OwnImage>> open(io::Loop& loop, const ecu::ImageSettings& settings);

    // Boots, after the factory's work where the flash is new; `trust`, which outlives this, begins anew with it. Nobody
    // may hold what the last power-on gave.
    [[nodiscard]] Result<void> power_on(ZoneTrust& trust);

    [[nodiscard]] const ecu::ImageSettings& settings() const { return settings_; }
    [[nodiscard]] flash::Slots& slots() { return *slots_; }
    [[nodiscard]] flash::Opening& opening() { return opening_->port(); }

private:
    OwnImage(io::Loop& loop, const ecu::ImageSettings& settings, const flash::Layout& layout,
             std::unique_ptr<io::files::FileFlash> flash)
        : loop_(loop),
          settings_(settings),
          layout_(layout),
          flash_(std::move(flash)) {}

    io::Loop& loop_;
    const ecu::ImageSettings& settings_;
    flash::Layout layout_;
    std::unique_ptr<io::files::FileFlash> flash_;
    crypto::Sha256 hasher_;
    std::unique_ptr<flash::Slots> slots_;
    std::unique_ptr<ecu::OwnOpening> opening_;
};

}  // namespace pitstop::zone
