// pitstop repo init: keys, both Roots, an empty Image repository; or, with signers elsewhere, the files they shall
// sign.
#include "apps/pitstop/repo_commands.h"
#include "apps/pitstop/repo_reports.h"
#include "apps/pitstop/repo_setup.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct SignerOptions {
    std::vector<fs::path> files;
    std::uint32_t threshold = 1;
};

struct Options {
    RepoOptions repo;
    SignerOptions root, director_root, targets;
};

Result<Signers> signers_in(const SignerOptions& options) {
    Signers signers{{}, options.threshold};
    for (const fs::path& file : options.files) {
        TRY(NamedKey key, read_named_key(file));
        signers.keys.push_back(std::move(key));
    }
    return signers;
}

Result<void> init(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options.repo, run));
    SetupOrder setup;
    TRY(setup.root, signers_in(options.root));
    TRY(setup.director_root, signers_in(options.director_root));
    TRY(setup.targets, signers_in(options.targets));
    TRY(const Published published, init_repository(order, setup));
    if (published.waiting.empty()) {
        run.out << std::format(
            "{}: keys, both Roots and an empty Image repository. Keep keys/offline off the server.\n",
            order.folder.string());
        return {};
    }
    run.out << std::format("{}: nothing is visible before these are signed:\n", order.folder.string());
    for (const std::string& line : published.waiting) run.out << "  " << line << '\n';
    run.out << std::format(
        "Next: give the files in {} to the signers; each runs `pitstop repo sign FILE --key FILE.key`.\n"
        "Then: pitstop repo publish --dir {}\n",
        order.staged().string(), order.folder.string());
    return {};
}

void add_signers(CLI::App& command, const std::string& role, const char* whose, SignerOptions& options) {
    CLI::Option* const files = command.add_option("--" + role + "-signers", options.files, whose)
                                   ->type_name("FILE.pub")
                                   ->group("Signers elsewhere");
    command.add_option("--" + role + "-threshold", options.threshold, "How many of them, in each family of keys")
        ->check(CLI::Range(1, static_cast<int>(uptane::role_keys_max)).description(""))
        ->type_name("M")
        ->group("Signers elsewhere")
        ->needs(files)
        ->capture_default_str();
}

}  // namespace

void add_repo_init(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = repo.add_subcommand("init", "Make all keys, both Roots and an empty Image repository");
    add_repo_folder(*command, options->repo);
    add_offline_passphrase(*command, options->repo);
    add_signers(*command, "root", "Public keys of those who sign the Roots, both families", options->root);
    add_signers(*command, "targets", "Public keys of those who vouch for images", options->targets);
    add_signers(*command, "director-root", "Where others sign the Director's Root", options->director_root);
    command->footer(
        "Examples:\n"
        "  pitstop repo init --dir repo --passphrase-file secret\n"
        "  pitstop repo init --dir repo --root-signers signers/*-root-*.pub --root-threshold 2 "
        "--targets-signers signers/*-targets-*.pub --targets-threshold 2");
    command->callback([options, &run] { run.finish(init(*options, run)); });
}

}  // namespace pitstop::cli
