// Puts virtual ECUs together and runs them in one loop until they are told to stop.
#pragma once

#include "apps/ecu/settings.h"

#include <vector>

namespace pitstop::ecu {

// One alone ends when its link or boot fails for good; of several, the others go on without it.
[[nodiscard]] Result<void> run(const std::vector<Settings>& ecus);

}  // namespace pitstop::ecu
