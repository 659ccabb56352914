// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::flashing::faults {

inline constexpr Fault stopped{"flashing.stopped", Remedy::refuse,
                               "Work on an ECU ended early, because whoever ordered it gave it up.",
                               "Nothing: the outcome of the update says why."};

}  // namespace pitstop::io::flashing::faults
