// pitstop repo: the signed metadata that vehicles believe.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/repo_folder.h"
#include "apps/pitstop/server_connection.h"
#include "core/uptane/roles.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path folder, campaign_folder, passphrase_file;
    ServerOptions server;
};

Result<RepoOrder> order_of(const Options& options, const Run& run) {
    TRY(Passphrase passphrase, passphrase_from(options.passphrase_file));
    return RepoOrder{options.folder, run.now, std::move(passphrase)};
}

void say_versions(const Published& published, Run& run) {
    run.out << std::format("targets {}  snapshot {}  timestamp {}\n", published.targets_version,
                           published.snapshot_version, published.timestamp_version);
}

// Timestamp last: it makes the others visible, all at once.
Result<void> hand_in(const Options& options, const Published& published, Run& run) {
    if (options.server.url.empty()) return {};
    TRY(ServerConnection server, ServerConnection::open(options.server));
    for (const std::string& name : {uptane::file_name(uptane::Role::targets, published.targets_version),
                                    uptane::file_name(uptane::Role::snapshot, published.snapshot_version),
                                    uptane::file_name(uptane::Role::timestamp, published.timestamp_version)}) {
        io::http::Upload upload;
        upload.path = "/api/v1/repo/" + name;
        upload.file = options.folder / "image" / name;
        upload.content_type = "application/json";
        TRY(const json::Object answer, server.upload(std::move(upload)));
    }
    run.out << std::format("visible at {}\n", options.server.url);
    return {};
}

Result<void> init(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options, run));
    ENSURE(init_repository(order));
    run.out << std::format("{}: keys, both Roots and an empty Image repository. Keep keys/offline off the server.\n",
                           options.folder.string());
    return {};
}

Result<void> publish(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options, run));
    TRY(const Published published, publish_campaign(order, options.campaign_folder));
    for (const TargetName& name : published.added) run.out << std::format("added {}\n", name.view());
    if (published.added.empty()) run.out << "nothing new: every image of the package was published before\n";
    say_versions(published, run);
    return hand_in(options, published, run);
}

Result<void> refresh(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options, run));
    TRY(const Published published, refresh_repository(order));
    say_versions(published, run);
    return hand_in(options, published, run);
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& repo, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = repo.add_subcommand(name, about);
    added->add_option("--dir", options->folder, "Folder with keys/, image/ and director/")->required();
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

void add_passphrase(CLI::App& command, Options& options) {
    command.add_option("--passphrase-file", options.passphrase_file,
                       "File (mode 0600) with the passphrase of keys/offline");
}

}  // namespace

void add_repo(CLI::App& app, Run& run) {
    CLI::App* const repo = app.add_subcommand("repo", "Signed metadata: the Image repository and the Director's Root");
    repo->require_subcommand(1);
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run

    CLI::App* const first =
        add(*repo, run, "init", "Make all keys, both Roots and an empty Image repository", options, init);
    add_passphrase(*first, *options);
    first->footer("Example:\n  pitstop repo init --dir repo --passphrase-file secret");

    CLI::App* const next =
        add(*repo, run, "publish", "Add a package's images to the Image repository", options, publish);
    next->add_option("--package", options->campaign_folder, "Campaign_<id>/ as `package build` made it")->required();
    add_passphrase(*next, *options);
    add_server_options(*next, options->server, ServerUse::by_wish);
    next->footer(
        "Example:\n  pitstop repo publish --dir repo --package packages/Campaign_OTA-1 --server "
        "https://localhost:8443");

    CLI::App* const again =
        add(*repo, run, "refresh", "Sign Snapshot and Timestamp anew before they expire", options, refresh);
    add_server_options(*again, options->server, ServerUse::by_wish);
    again->footer("Example:\n  pitstop repo refresh --dir repo");
}

}  // namespace pitstop::cli
