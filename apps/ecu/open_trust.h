// What one ECU trusts, as its configuration says: small ECUs verify in part, others in full.
#pragma once

#include "apps/ecu/settings.h"
#include "core/flash/device.h"
#include "io/ecu/own_trust.h"

namespace pitstop::ecu {

// Nothing: the configuration has no `trust`, or what was trusted is lost (which is logged: such an ECU still boots, and
// accepts no image).
[[nodiscard]] std::unique_ptr<OwnTrust> open_trust(flash::FlashDevice& flash, const Settings& settings,
                                                   const flash::Slots& slots, UtcTime now);

}  // namespace pitstop::ecu
