// Puts one virtual ECU together and runs it until it is told to stop.
#pragma once

#include "apps/ecu/settings.h"

namespace pitstop::ecu {

[[nodiscard]] Result<void> run(const Settings& settings);

}  // namespace pitstop::ecu
