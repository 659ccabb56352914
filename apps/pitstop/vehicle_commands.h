// The subcommands of `pitstop vehicle` that have a file of their own.
#pragma once

#include "apps/pitstop/commands.h"

namespace pitstop::cli {

void add_vehicle_describe(CLI::App& vehicle, Run& run);

}  // namespace pitstop::cli
