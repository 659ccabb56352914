#include "apps/pitstop/commands.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/terminal.h"
#include "io/files/faults.h"

#include <CLI/CLI.hpp>

#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

constexpr const char* about =
    "Pitstop updates the software of cars over the air, and keeps doing so safely after quantum computers arrive.";
constexpr const char* first_steps =
    "Examples:\n"
    "  pitstop pki init --dir pki --vin TESTCAR1      certificates for a server and one car\n"
    "  pitstop key generate --type ml-dsa-65 --out root.key\n"
    "  source <(pitstop completion bash)              complete commands with the Tab key\n"
    "\n"
    "Exit codes: 0 done, 1 refused or failed, 2 not understood. Every error names a code; docs/faults.md explains it.";

// In the order in which help shows them.
constexpr void (*table[])(CLI::App&, Run&) = {
    add_pki, add_key, add_package, add_delta, add_repo, add_campaign, add_vehicle_commands, add_diag, add_completion,
};

}  // namespace

void Run::finish(const Result<void>& result) {
    if (result) return;
    const Error& error = result.error();
    exit_code = error.is(faults::bad_ecu_option) ? not_understood : failed;
    // The details may come from a file or a server that means ill.
    err << std::format("error: {}\n  {}\n  {}\n", printable(error.str()), error.fault().meaning, error.fault().advice);
}

int run_pitstop(std::span<const char* const> arguments, UtcTime now, std::ostream& out, std::ostream& err) {
    Run run{out, err, now};
    CLI::App app(about, "pitstop");
    app.require_subcommand(1);
    app.footer(first_steps);
    app.get_formatter()->column_width(34);
    for (const auto add : table) add(app, run);
    try {
        app.parse(static_cast<int>(arguments.size()), arguments.data());
    } catch (const CLI::ParseError& wrong) {
        run.exit_code = app.exit(wrong, out, err) == 0 ? 0 : not_understood;
    }
    if (run.exit_code == 0 && !out.flush()) run.finish(fail(io::files::faults::unwritable, "standard output"));
    return run.exit_code;
}

Result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) return fail(io::files::faults::unwritable, std::format("{}: {}", folder.string(), failure.message()));
    return {};
}

}  // namespace pitstop::cli
