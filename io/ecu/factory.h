// What the factory does to a new ECU: its first image into bank A, checked, started and committed like any other.
//
// Bring slots that have booted. Nothing is done once an image was ever committed, or where no image lies ready; an
// installation that was cut goes on. What runs then is logged. Faults: files.*, flash.*
#pragma once

#include "core/flash/slots.h"
#include "io/ecu/image_settings.h"

namespace pitstop::ecu {

[[nodiscard]] Result<void> start_image(const ImageSettings& settings, flash::Slots& slots);

}  // namespace pitstop::ecu
