// The faults of this program.
#pragma once

#include "core/base/result.h"

namespace pitstop::zone::faults {

inline constexpr Fault not_ours{"zone.not-ours", Remedy::refuse,
                                "Work was ordered for an ECU that is not behind this zone.",
                                "Compare the vehicle's description with the zone's configuration."};
inline constexpr Fault not_stored{"zone.not-stored", Remedy::retry,
                                  "What the work needs is not in the zone's store, or was damaged there.",
                                  "Nothing: the gateway sends it again."};
inline constexpr Fault store_full{
    "zone.store-full", Remedy::wait, "The zone's store has no room beside what running work needs.",
    "It goes on when other ECUs are done; give the store more room in the configuration."};
inline constexpr Fault too_large{"zone.too-large", Remedy::refuse, "A payload is larger than the zone's whole store.",
                                 "Give the store more room in the zone's configuration."};
inline constexpr Fault unreachable{"zone.unreachable", Remedy::retry, "The bus of an ECU is not there.",
                                   "Look at pitstop-bus and at the zone's configuration."};

}  // namespace pitstop::zone::faults
