// pitstop key: the keys that sign metadata, and whose they are; and those that ECUs open sealed packages with.
#include "apps/pitstop/key_commands.h"

#include <CLI/CLI.hpp>

namespace pitstop::cli {

void add_key(CLI::App& app, Run& run) {
    CLI::App* const key =
        app.add_subcommand("key", "Keys that sign metadata, and keys of ECUs for which packages are sealed");
    key->require_subcommand(1);
    add_key_generate(*key, run);
    add_key_list(*key, run);
    add_key_export(*key, run);
    add_key_import(*key, run);
}

}  // namespace pitstop::cli
