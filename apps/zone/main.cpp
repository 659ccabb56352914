// pitstop-zone: a zonal gateway. See config/zone.yaml and config/vehicle-100.yaml.
#include "apps/command_line.h"
#include "apps/zone/vehicle_part.h"
#include "apps/zone/wiring.h"
#include "io/log/log.h"
#include "io/vehicle/car_options.h"

#include <CLI/CLI.hpp>

namespace {

using namespace pitstop;

Result<zone::Settings> of_car(const io::CarOptions& options) {
    TRY(const vehicle::Blueprint car, io::read_vehicle(options.file));
    return zone::gateway_of(car, options.zone, options.place());
}

Result<void> start(const std::string& config, const io::CarOptions& car, const std::string& log_format) {
    TRY(const auto settings, car.file.empty() ? zone::Settings::from_file(config) : of_car(car));
    io::log::LogSettings log;
    log.format = io::log::format_from(log_format).value_or(io::log::Format::text);
    log.program = "zone";
    ENSURE(io::log::start(log));
    return zone::run(settings);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"A zonal gateway: DoIP entity that routes diagnostics to the ECUs on its CAN and CAN-FD buses."};
    app.footer(
        "Examples:\n"
        "  pitstop-zone --config config/zone.yaml\n"
        "  pitstop-zone --vehicle config/vehicle-100.yaml --zone body --folder run/car\n\n"
        "Ends cleanly on SIGINT and SIGTERM; says \"ready\" on stderr when testers may connect.");
    std::string config, log_format = "text";
    io::CarOptions car;
    CLI::Option* const file =
        app.add_option("--config", config, "the zone's configuration file")->check(CLI::ExistingFile);
    io::add_car_options(app, car)->excludes(file);
    app.add_option("--log-format", log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
    if (const auto end = pitstop::ends_after_parsing(app, argc, argv)) return *end;

    if (config.empty() && car.file.empty()) {
        std::fputs("pitstop-zone: give --config or --vehicle with --zone (see --help)\n", stderr);
        return not_understood;
    }
    if (const auto ended = start(config, car, log_format); !ended) {
        io::log::problem(ended.error(), "pitstop-zone");
        return 1;
    }
    return 0;
}
