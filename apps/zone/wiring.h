// Puts the zone together and runs it until SIGINT or SIGTERM. Only here are concrete types named.
#pragma once

#include "apps/zone/settings.h"

namespace pitstop::zone {

Result<void> run(const Settings& settings);  // ethernet.listen-failed, can.*

}  // namespace pitstop::zone
