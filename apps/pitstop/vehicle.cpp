// pitstop vehicle: what the server knows of the fleet.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/server_connection.h"
#include "apps/pitstop/vehicle_view.h"
#include "core/base/ids.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

struct Options {
    ServerOptions server;
    std::string vin;
    bool json = false;
};

Result<void> list(const Options& options, Run& run) {
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object vehicles, server.get_all("/api/v1/vehicles", "vehicles"));
    if (options.json)
        run.out << boost::json::serialize(vehicles) << '\n';
    else
        print_vehicles(vehicles, run.out);
    return {};
}

Result<void> show(const Options& options, Run& run) {
    TRY(const Vin vin, Vin::parse(options.vin));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object vehicle, server.get(std::format("/api/v1/vehicles/{}", vin.view())));
    if (options.json)
        run.out << boost::json::serialize(vehicle) << '\n';
    else
        print_vehicle(vehicle, run.out);
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
    CLI::App* const vehicle = app.add_subcommand("vehicle", "The fleet, as the server knows it");
    vehicle->require_subcommand(1);
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    add(*vehicle, run, "list", "All vehicles", options, list)->footer("Example:\n  pitstop vehicle list");
    CLI::App* const shows = add(*vehicle, run, "show", "One vehicle: channels, ECUs, campaigns", options, show);
    shows->add_option("VIN", options->vin, "The vehicle")->required()->type_name("");
    shows->footer("Example:\n  pitstop vehicle show TESTCAR1");
}

}  // namespace pitstop::cli
