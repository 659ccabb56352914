// The subcommands of `pitstop pki` that have a file of their own.
#pragma once

#include "apps/pitstop/commands.h"

namespace CLI {
class App;
}

namespace pitstop::cli {

void add_pki_tester(CLI::App& pki, Run& run);

}  // namespace pitstop::cli
