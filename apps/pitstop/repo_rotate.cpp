// pitstop repo rotate: who signs from now on.
#include "apps/pitstop/repo_commands.h"
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
    std::vector<std::filesystem::path> add;
    std::vector<std::string> remove;
    int expires_days = 0;
};

// A key that goes may be named by its id or by its file.
Result<std::string> key_id_from(const std::string& text) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(text, failure)) return text;
    TRY(const NamedKey named, read_named_key(text));
    return named.key.key_id();
}

Result<void> rotate_role(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options.repo, run));
    RotationOrder rotation{};
    TRY(rotation.role, named_role(options.role));
    for (const std::filesystem::path& file : options.add) {
        TRY(NamedKey key, read_named_key(file));
        rotation.add.push_back(std::move(key));
    }
    for (const std::string& text : options.remove) {
        TRY(std::string key_id, key_id_from(text));
        rotation.remove.push_back(std::move(key_id));
    }
    if (!options.threshold.empty()) {
        TRY(rotation.thresholds, thresholds_from(options.threshold));
    }
    if (options.expires_days > 0) rotation.lifetime = std::chrono::days(options.expires_days);
    TRY(const auto staged, rotate(order, rotation));
    for (const std::filesystem::path& path : staged) say_staged(path, run);
    run.out << std::format("Then: pitstop repo publish --dir {}\n", order.folder.string());
    return {};
}

std::string role_list() {
    std::string names;
    for (const NamedRole& role : all_roles()) names += std::format("{}{}", names.empty() ? "" : ", ", role.name);
    return names;
}

}  // namespace

void add_repo_rotate(CLI::App& repo, Run& run) {
    constexpr int years_10_in_days = 3650;
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = repo.add_subcommand(
        "rotate", "Stage the next Root: other keys or thresholds for a role, or a later date for the Root itself");
    add_repo_folder(*command, options->repo);
    command->add_option("--role", options->role, role_list())->required()->type_name("ROLE");
    command->add_option("--add", options->add, "Public key that may sign from now on; may be repeated")
        ->type_name("FILE.pub");
    command
        ->add_option("--remove", options->remove,
                     "Key that may no longer: its FILE.pub, its id, or the id's first 8 digits")
        ->type_name("KEY");
    command
        ->add_option("--threshold", options->threshold,
                     "How many keys of each family must sign: M, or classical=M,post_quantum=M")
        ->type_name("M");
    command->add_option("--expires-days", options->expires_days, "When the new Root ends, from today")
        ->check(CLI::Range(1, years_10_in_days).description(""))
        ->type_name("DAYS");
    add_offline_passphrase(*command, options->repo);
    command->footer(
        "Without --add, --remove, --threshold and --expires-days, the role's pair of keys in this folder is replaced "
        "by "
        "a fresh one.\n\nExamples:\n"
        "  pitstop repo rotate --dir repo --role snapshot\n"
        "  pitstop repo rotate --dir repo --role root --add dora-classical.pub dora-pq.pub --remove bob-classical.pub "
        "90ab12cd\n"
        "  pitstop repo rotate --dir repo --role root --expires-days 365");
    command->callback([options, &run] { run.finish(rotate_role(*options, run)); });
}

}  // namespace pitstop::cli
