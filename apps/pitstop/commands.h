// The command line as a tree of small files: one per subcommand, each offering one add_… function.
//
// A new subcommand: write its file, declare its function here, add a line to the table in commands.cpp. Its callback
// does the work as a Result<void> and hands that to Run::finish, so that all of them fail in one way:
//
//     error: code: what happened here
//       what the code means
//       what to do
//
// Help and completion follow from the tree.
#pragma once

#include "apps/exit_code.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <filesystem>
#include <iosfwd>
#include <span>

namespace CLI {
class App;
}

namespace pitstop::cli {

// One run of the program, lent to every command.
struct Run {
    std::ostream& out;
    std::ostream& err;
    UtcTime now;  // when it began
    int exit_code = 0;

    // An error is printed, in it no control character, and the exit code becomes 1; 2 for cli.bad-ecu-option.
    void finish(const Result<void>& result);
};

void add_pki(CLI::App& app, Run& run);
void add_key(CLI::App& app, Run& run);
void add_package(CLI::App& app, Run& run);
void add_delta(CLI::App& app, Run& run);
void add_repo(CLI::App& app, Run& run);
void add_campaign(CLI::App& app, Run& run);
void add_vehicle_commands(CLI::App& app, Run& run);
void add_diag(CLI::App& app, Run& run);
void add_completion(CLI::App& app, Run& run);

// The whole program: parses and runs one command. The first argument is the program's name.
[[nodiscard]] int run_pitstop(std::span<const char* const> arguments, UtcTime now, std::ostream& out,
                              std::ostream& err);

// files.unwritable. The folder and its parents; fine when it is there already.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace pitstop::cli
