// pitstop repo publish, refresh: what vehicles see next.
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_campaign.h"
#include "apps/pitstop/repo_commands.h"
#include "apps/pitstop/repo_reports.h"
#include "apps/pitstop/server_connection.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Role;

struct Options {
    RepoOptions repo;
    fs::path campaign_folder;
    std::string as = "targets";
    ServerOptions server;
};

// What the server may not have yet: Roots after the first, which it was configured with. Timestamp last: it makes the
// others visible, all at once.
Result<std::vector<std::string>> files_to_hand_in(const RepoOrder& order) {
    TRY(const uptane::TrustSet now, load_published(order));
    std::vector<std::string> names;
    for (std::uint32_t version = 2; version <= now.root().version; ++version)
        names.push_back(uptane::file_name(Role::root, version));
    for (const auto& [name, info] : now.snapshot()->files)
        if (name != "targets.json") names.push_back(std::format("{}.{}", info.version, name));
    names.push_back(uptane::file_name(Role::targets, now.targets()->version));
    names.push_back(uptane::file_name(Role::snapshot, now.snapshot()->version));
    names.push_back(uptane::file_name(Role::timestamp, now.timestamp()->version));
    return names;
}

Result<void> hand_in(const Options& options, const RepoOrder& order, Run& run) {
    if (options.server.url.empty()) return {};
    TRY(const auto names, files_to_hand_in(order));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    for (const std::string& name : names) {
        io::http::Upload upload;
        upload.path = "/api/v1/repo/" + name;
        upload.file = order.served(uptane::Repository::image) / name;
        upload.content_type = "application/json";
        TRY(const json::Object answer, server.upload(std::move(upload)));
    }
    run.out << std::format("visible at {}\n", options.server.url);
    return {};
}

Result<void> publish(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options.repo, run));
    Published published;
    if (options.campaign_folder.empty()) {
        TRY(published, publish_staged(order));
    } else {
        TRY(const CampaignPublished done, publish_campaign(order, options.campaign_folder, options.as));
        for (const TargetName& name : done.added) run.out << std::format("added {}\n", name.view());
        if (done.added.empty()) run.out << "nothing new: every image of the package was published before\n";
        published = done.published;
    }
    const auto said = say_published(published, run);
    if (!said && published.moved.empty()) return said;
    ENSURE(hand_in(options, order, run));
    return said;
}

Result<void> refresh(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options.repo, run));
    TRY(const Published published, refresh_repository(order));
    ENSURE(say_published(published, run));
    return hand_in(options, order, run);
}

}  // namespace

void add_repo_publish(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = repo.add_subcommand("publish", "Put signed files into place, or add a package's images");
    add_repo_folder(*command, options->repo);
    CLI::Option* const package =
        command->add_option("--package", options->campaign_folder, "Campaign_<id>/ as `package build` made it")
            ->type_name("DIR");
    command->add_option("--as", options->as, "Delegated role, or prefix of hash bins, that vouches for the images")
        ->needs(package)
        ->type_name("ROLE");
    add_offline_passphrase(*command, options->repo);
    add_server_options(*command, options->server, ServerUse::by_wish);
    command->footer(
        "Examples:\n"
        "  pitstop repo publish --dir repo                                     what its signers have completed\n"
        "  pitstop repo publish --dir repo --package packages/Campaign_OTA-1 --server https://localhost:8443\n"
        "  pitstop repo publish --dir repo --package packages/Campaign_OTA-1 --as supplier-a");
    command->callback([options, &run] { run.finish(publish(*options, run)); });
}

void add_repo_refresh(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = repo.add_subcommand("refresh", "Sign Snapshot and Timestamp anew before they expire");
    add_repo_folder(*command, options->repo);
    add_server_options(*command, options->server, ServerUse::by_wish);
    command->footer("Example:\n  pitstop repo refresh --dir repo");
    command->callback([options, &run] { run.finish(refresh(*options, run)); });
}

}  // namespace pitstop::cli
