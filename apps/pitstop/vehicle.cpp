// pitstop vehicle: what the server knows of the fleet.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/server_connection.h"
#include "apps/pitstop/vehicle_commands.h"
#include "apps/pitstop/vehicle_keys.h"
#include "apps/pitstop/vehicle_view.h"
#include "core/base/ids.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <format>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace pitstop::cli {
namespace {

struct Options {
    ServerOptions server;
    std::string vin;
    std::vector<std::string> primary, ecus;
    bool json = false;
};

void print(const json::Object& answer, const Options& options, Run& run,
           void (*view)(const json::Object&, std::ostream&)) {
    if (options.json)
        run.out << boost::json::serialize(answer) << '\n';
    else
        view(answer, run.out);
}

Result<void> list(const Options& options, Run& run) {
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object vehicles, server.get_all("/api/v1/vehicles", "vehicles"));
    print(vehicles, options, run, print_vehicles);
    return {};
}

Result<void> show(const Options& options, Run& run) {
    TRY(const Vin vin, Vin::parse(options.vin));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object vehicle, server.get(std::format("/api/v1/vehicles/{}", vin.view())));
    print(vehicle, options, run, print_vehicle);
    return {};
}

Result<void> manifest(const Options& options, Run& run) {
    TRY(const Vin vin, Vin::parse(options.vin));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object manifest, server.get(std::format("/api/v1/vehicles/{}/manifest", vin.view())));
    print(manifest, options, run, print_manifest);
    return {};
}

Result<void> keys(const Options& options, Run& run) {
    TRY(const Vin vin, Vin::parse(options.vin));
    const std::string path = std::format("/api/v1/vehicles/{}/keys", vin.view());
    const bool only_shows = options.primary.empty() && options.ecus.empty();
    json::Object wanted;
    if (!only_shows) {
        TRY(wanted, vehicle_keys_from(options.primary, options.ecus));
    }
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object known, only_shows ? server.get(path) : server.put(path, wanted));
    print(known, options, run, print_vehicle_keys);
    return {};
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& parent, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = parent.add_subcommand(name, about);
    add_server_options(*added, options->server, ServerUse::needed);
    added->add_flag("--json", options->json, "For programs");
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

}  // namespace

void add_vehicle_commands(CLI::App& app, Run& run) {
    CLI::App* const vehicle =
        app.add_subcommand("vehicle", "The fleet, as the server knows it, and what one car is made of");
    vehicle->require_subcommand(1);
    add_vehicle_describe(*vehicle, run);
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    add(*vehicle, run, "list", "All vehicles", options, list)->footer("Example:\n  pitstop vehicle list");
    CLI::App* const shows = add(*vehicle, run, "show", "One vehicle: channels, ECUs, campaigns", options, show);
    shows->add_option("VIN", options->vin, "The vehicle")->required()->type_name("");
    shows->footer("Example:\n  pitstop vehicle show TESTCAR1");
    CLI::App* const manifests =
        add(*vehicle, run, "manifest", "What a vehicle signed for: installed images, attacks it refused", options,
            manifest);
    manifests->add_option("VIN", options->vin, "The vehicle")->required()->type_name("");
    manifests->footer("Example:\n  pitstop vehicle manifest TESTCAR1");
    CLI::App* const registers =
        add(*vehicle, run, "keys", "The keys by which a vehicle's reports are believed", options, keys);
    registers->add_option("VIN", options->vin, "The vehicle")->required()->type_name("");
    registers->add_option("--primary", options->primary, "Public keys of the gateway: one classical, one ML-DSA")
        ->delimiter(',')
        ->type_name("FILE.pub,FILE.pub");
    registers->add_option("--ecu", options->ecus, "Public keys of an ECU, once for each")
        ->type_name("ECU_011=FILE.pub,...");
    registers->footer(
        "Without --primary and --ecu it shows what is registered; with them it replaces all of it.\nExamples:\n"
        "  pitstop vehicle keys TESTCAR1\n"
        "  pitstop vehicle keys TESTCAR1 --primary vmg-classical.pub,vmg-pq.pub \\\n"
        "      --ecu ECU_011=brake-classical.pub,brake-pq.pub --ecu ECU_021=window.pub");
}

}  // namespace pitstop::cli
