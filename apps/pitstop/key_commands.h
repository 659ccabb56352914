// The subcommands of `pitstop key`: one file each, put together in key.cpp.
#pragma once

#include "apps/pitstop/commands.h"

namespace pitstop::cli {

void add_key_generate(CLI::App& key, Run& run);
void add_key_list(CLI::App& key, Run& run);
void add_key_export(CLI::App& key, Run& run);
void add_key_import(CLI::App& key, Run& run);

}  // namespace pitstop::cli
