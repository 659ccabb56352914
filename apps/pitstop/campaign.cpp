// pitstop campaign: a package on its way to vehicles.
#include "core/campaign/campaign.h"
#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/campaign_view.h"
#include "apps/pitstop/commands.h"
#include "apps/pitstop/server_connection.h"
#include "io/files/atomic_file.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <format>
#include <memory>
#include <ostream>
#include <thread>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Options {
    ServerOptions server;
    std::string id;
    fs::path package, notes;
    std::string title, priority = "minor";
    std::vector<std::string> vins;
    bool json = false, follow = false;
};

Result<std::string> path_of(const std::string& id) {
    TRY(const CampaignId campaign, CampaignId::parse(id));
    return std::format("/api/v1/campaigns/{}", campaign.view());
}

Result<json::Object> wish(const Options& options) {
    TRY(const Bytes text, io::files::read_file(metadata_file(options.package), package::metadata_size_bytes_max));
    TRY(json::Value metadata, json::parse(text, package::metadata_size_bytes_max));
    json::Object wish{
        {"title", options.title}, {"priority", options.priority}, {"campaign_metadata", std::move(metadata)}};
    if (!options.notes.empty()) {
        TRY(const Bytes notes, io::files::read_file(options.notes, campaign::Campaign::release_notes_size_max));
        wish["release_notes"] = text_of(notes);
    }
    return wish;
}

Result<void> upload_package(ServerConnection& server, const std::string& path, const fs::path& file, Run& run) {
    const ShowProgress progress = bar_for(run);
    io::http::Upload upload;
    upload.method = "POST";
    upload.path = path + "/package";
    upload.file = file;
    upload.progress = progress;
    const auto stored = server.upload(std::move(upload));
    end_line(progress, run);
    if (!stored) return fail(stored.error());
    return {};
}

// Asked again after a break, it goes on: the server answers the same request in the same way.
Result<void> create(const Options& options, Run& run) {
    TRY(const json::Object body, wish(options));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object made, server.post("/api/v1/campaigns", body));
    TRY(const std::string id, json::string(made, "id"));
    TRY(const std::string path, path_of(id));
    if (!json::has(made, "package")) ENSURE(upload_package(server, path, package_file(options.package), run));
    run.out << id << '\n';
    return {};
}

Result<void> deploy(const Options& options, Run& run) {
    TRY(const std::string path, path_of(options.id));
    json::Array vins;
    for (const std::string& text : options.vins) {
        TRY(const Vin vin, Vin::parse(text));
        vins.push_back(json::Value(vin.view()));
    }
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object answer, server.post(path + "/deploy", {{"vins", std::move(vins)}}));
    return print_outcomes(answer, run.out);
}

Result<void> cancel(const Options& options, Run& run) {
    TRY(const std::string path, path_of(options.id));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object answer, server.post(path + "/cancel", {}));
    return print_outcomes(answer, run.out);
}

Result<void> list(const Options& options, Run& run) {
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object answer, server.get_all("/api/v1/campaigns", "campaigns"));
    if (options.json)
        run.out << boost::json::serialize(answer) << '\n';
    else
        print_campaigns(answer, run.out);
    return {};
}

// A server that restarts is waited for, but not for ever.
Result<json::Object> look_again(ServerConnection& server, const std::string& path) {
    constexpr auto pause = 1s;
    constexpr int attempts_max = 120;
    for (int attempt = 1;; ++attempt) {
        std::this_thread::sleep_for(pause);
        auto seen = server.get_all(path, "assignments");
        if (seen || seen.error().remedy() != Remedy::retry || attempt == attempts_max) return seen;
    }
}

Result<void> follow(ServerConnection& server, const std::string& path, json::Object campaign, const Options& options,
                    Run& run) {
    Following following;
    for (;;) {
        for (const json::Object* const event : following.look(campaign)) {
            if (options.json)
                run.out << boost::json::serialize(*event) << '\n';
            else
                print_event(*event, run.out);
        }
        run.out << std::flush;
        TRY(const bool ended, has_ended(campaign));
        if (ended) return check_ending(campaign);
        TRY(campaign, look_again(server, path));
    }
}

Result<void> show(const Options& options, Run& run) {
    TRY(const std::string path, path_of(options.id));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(json::Object campaign, server.get_all(path, "assignments"));
    if (options.follow) return follow(server, path, std::move(campaign), options, run);
    if (options.json)
        run.out << boost::json::serialize(campaign) << '\n';
    else
        print_campaign(campaign, run.out);
    return {};
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& parent, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = parent.add_subcommand(name, about);
    add_server_options(*added, options->server, ServerUse::needed);
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

void add_id(CLI::App& command, Options& options) {
    command.add_option("ID", options.id, "The campaign")->required()->type_name("");
}

void add_create(CLI::App& parent, Run& run, const std::shared_ptr<Options>& options) {
    CLI::App* const creates =
        add(parent, run, "create", "Make a campaign and upload its package; prints its id", options, create);
    creates->add_option("--package", options->package, "Campaign_<id>/ as `package build` made it")
        ->required()
        ->type_name("DIR");
    creates->add_option("--title", options->title, "One line for people")->required()->type_name("TEXT");
    creates->add_option("--notes", options->notes, "Release notes that the driver reads")->type_name("FILE");
    creates->add_option("--priority", options->priority, "patch, minor, major or security")
        ->check(CLI::IsMember({"patch", "minor", "major", "security"}).description(""))
        ->type_name("PRIORITY")
        ->capture_default_str();
    creates->footer("Example:\n  pitstop campaign create --package packages/Campaign_OTA-1 --title 'Smoother braking'");
}

}  // namespace

void add_campaign(CLI::App& app, Run& run) {
    CLI::App* const parent = app.add_subcommand("campaign", "Packages on their way to vehicles");
    parent->require_subcommand(1);
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    add_create(*parent, run, options);

    CLI::App* const deploys = add(*parent, run, "deploy", "Assign a campaign to vehicles", options, deploy);
    add_id(*deploys, *options);
    deploys->add_option("--vin", options->vins, "A vehicle; may be repeated")->required()->type_name("VIN");
    deploys->footer("Example:\n  pitstop campaign deploy OTA-1 --vin TESTCAR1 --vin TESTCAR2");

    CLI::App* const shows = add(*parent, run, "show", "How far a campaign is, vehicle by vehicle", options, show);
    add_id(*shows, *options);
    shows->add_flag("--json", options->json, "For programs; with --follow, one event a line");
    shows->add_flag("--follow", options->follow,
                    "Print each event until all vehicles have ended; exit code 1 if any failed");
    shows->footer("Example:\n  pitstop campaign show OTA-1 --follow");

    CLI::App* const lists = add(*parent, run, "list", "All campaigns", options, list);
    lists->add_flag("--json", options->json, "For programs");
    lists->footer("Example:\n  pitstop campaign list");

    CLI::App* const cancels =
        add(*parent, run, "cancel", "Cancel for every vehicle that is not yet installing", options, cancel);
    add_id(*cancels, *options);
    cancels->footer("Example:\n  pitstop campaign cancel OTA-1");
}

}  // namespace pitstop::cli
