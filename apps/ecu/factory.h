// What the factory does to a new ECU: its first image into bank A, checked, started and committed like any other.
//
// Bring slots that have booted. Nothing happens once an image was ever committed; an installation that was cut goes on.
// Faults: files.*, flash.*
#pragma once

#include "apps/ecu/settings.h"
#include "core/flash/slots.h"

namespace pitstop::ecu {

enum class FactoryWork : std::uint8_t { done_now, not_needed };

[[nodiscard]] Result<FactoryWork> install_factory_image(const FactorySettings& factory, const Identity& identity,
                                                        flash::Slots& slots);

}  // namespace pitstop::ecu
