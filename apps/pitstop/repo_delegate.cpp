// pitstop repo delegate: who else vouches for images, and for which.
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_commands.h"
#include "apps/pitstop/repo_delegation.h"
#include "apps/pitstop/repo_reports.h"
#include "apps/pitstop/repo_rotation.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

struct Options {
    RepoOptions repo;
    std::string role, threshold;
    std::vector<std::filesystem::path> keys;
    std::vector<std::string> paths, hardware;
    std::uint32_t bins = 0;
    bool terminating = false, withdrawn = false;
};

Result<DelegationOrder> delegation_of(const Options& options, const DelegatedRole& role) {
    DelegationOrder order{role, {}, {}, options.paths, uptane::Terminating::no, {}, options.bins};
    for (const std::filesystem::path& file : options.keys) {
        TRY(NamedKey key, read_named_key(file));
        order.keys.push_back(std::move(key));
    }
    if (!options.threshold.empty()) {
        TRY(order.thresholds, thresholds_from(options.threshold));
    }
    for (const std::string& text : options.hardware) {
        TRY(const HardwareId id, HardwareId::parse(text));
        order.hardware.push_back(id);
    }
    if (options.terminating) order.terminating = uptane::Terminating::yes;
    return order;
}

Result<void> run_delegate(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options.repo, run));
    TRY(const DelegatedRole role, delegated_role(options.role));
    Published published;
    if (options.withdrawn) {
        TRY(published, withdraw(order, role));
    } else {
        TRY(const DelegationOrder delegation, delegation_of(options, role));
        TRY(published, delegate(order, delegation));
    }
    return say_published(published, run);
}

}  // namespace

void add_repo_delegate(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command =
        repo.add_subcommand("delegate", "Let others vouch for part of the images: a supplier, or hash bins");
    add_repo_folder(*command, options->repo);
    command->add_option("--role", options->role, "Name of the role; of bins: their prefix")
        ->required()
        ->type_name("NAME");
    command->add_option("--key", options->keys, "Public keys of both families; may be repeated")->type_name("FILE.pub");
    command
        ->add_option("--threshold", options->threshold,
                     "How many keys of each family must sign: M, or classical=M,post_quantum=M")
        ->type_name("M");
    command->add_option("--paths", options->paths, "Patterns of image names; * and ? do not cross /")
        ->type_name("PATTERN");
    command->add_option("--hardware", options->hardware, "Only for these hardware ids")->type_name("ID");
    command->add_flag("--terminating", options->terminating, "What it does not list, nobody after it may");
    command->add_option("--bins", options->bins, "Spread all names over this many roles instead; a power of two")
        ->type_name("N");
    command->add_flag("--withdraw", options->withdrawn, "Take the role's right away");
    add_offline_passphrase(*command, options->repo);
    command->footer(
        "Examples:\n"
        "  pitstop repo delegate --dir repo --role supplier-a --key sup-classical.pub sup-pq.pub --paths 'SUP-A/*' "
        "--hardware BRK-2\n"
        "  pitstop repo delegate --dir repo --role bin --bins 16 --key bins-classical.pub bins-pq.pub\n"
        "  pitstop repo delegate --dir repo --role supplier-a --withdraw");
    command->callback([options, &run] { run.finish(run_delegate(*options, run)); });
}

}  // namespace pitstop::cli
