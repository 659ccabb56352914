// The running server: the only place where its parts meet by name.
#pragma once

#include "apps/server/settings.h"

namespace pitstop::server {

// Until SIGINT or SIGTERM, or until something happens that a person must look at: that error is given back.
[[nodiscard]] Result<void> run(const Settings& settings);

}  // namespace pitstop::server
