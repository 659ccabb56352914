// Puts the gateway together and runs it until it is told to stop. The only place that names concrete types.
#pragma once

#include "apps/gateway/settings.h"

namespace pitstop::gateway {

[[nodiscard]] Result<void> run(const Settings& settings);

}  // namespace pitstop::gateway
