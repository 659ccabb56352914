// pitstop-ecu: one virtual ECU, or all of a zone. See config/ecu-can.yaml, config/ecu-ethernet.yaml and
// config/vehicle-100.yaml.
#include "apps/command_line.h"
#include "apps/ecu/vehicle_part.h"
#include "apps/ecu/wiring.h"
#include "io/log/log.h"
#include "io/vehicle/car_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace {

using namespace pitstop;

struct Arguments {
    std::string config;
    io::CarOptions car;
    std::vector<std::string> without;
    std::string name;
    std::string log_format = "text";
    std::optional<double> flash_speed;
};

Result<std::vector<ecu::Settings>> of_car(const Arguments& arguments) {
    TRY(const vehicle::Blueprint car, io::read_vehicle(arguments.car.file));
    TRY(auto ecus, ecu::ecus_of(car, arguments.car.zone, arguments.car.place()));
    for (const std::string& name : arguments.without) {
        TRY(const EcuId absent, EcuId::parse(name));
        std::erase_if(ecus, [&](const ecu::Settings& settings) { return settings.identity.id == absent; });
    }
    return ecus;
}

Result<std::vector<ecu::Settings>> of_file(const Arguments& arguments) {
    TRY(auto settings, ecu::Settings::from_file(arguments.config));
    if (!arguments.name.empty()) {
        TRY(settings.identity.id, EcuId::parse(arguments.name));
    }
    return std::vector{std::move(settings)};
}

Result<void> start(const Arguments& arguments) {
    TRY(auto ecus, arguments.car.file.empty() ? of_file(arguments) : of_car(arguments));
    if (arguments.flash_speed)
        for (ecu::Settings& settings : ecus) settings.flash.times = ecu::times_at(*arguments.flash_speed);
    io::log::LogSettings log;
    log.format = io::log::format_from(arguments.log_format).value_or(io::log::Format::text);
    log.program = "ecu";
    ENSURE(io::log::start(log));
    return ecu::run(ecus);
}

void describe(CLI::App& app, Arguments& arguments) {
    app.footer(
        "Examples:\n"
        "  pitstop-ecu --config config/ecu-can.yaml\n"
        "  pitstop-ecu --vehicle config/vehicle-100.yaml --zone body --folder run/car    all ECUs of a zone");
    CLI::Option* const config =
        app.add_option("--config", arguments.config, "the ECU's configuration file")->check(CLI::ExistingFile);
    CLI::Option* const vehicle = io::add_car_options(app, arguments.car)->excludes(config);
    app.add_option("--without", arguments.without, "an ECU of the zone that is not there, as ECU_013")->needs(vehicle);
    app.add_option("--name", arguments.name, "another id than the file's, as ECU_011")->needs(config);
    app.add_option("--flash-speed", arguments.flash_speed,
                   "imitate the time that flash takes: 1 as a real one, 10 ten times faster, 0 as fast as possible")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--log-format", arguments.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Virtual ECUs: UDS server, two banks in a flash file, boot and self-check."};
    Arguments arguments;
    describe(app, arguments);
    if (const auto end = pitstop::ends_after_parsing(app, argc, argv)) return *end;
    if (arguments.config.empty() && arguments.car.file.empty()) {
        std::fputs("pitstop-ecu: give --config or --vehicle (see --help)\n", stderr);
        return not_understood;
    }
    if (const auto ended = start(arguments); !ended) {
        io::log::problem(ended.error(), "pitstop-ecu");
        return 1;
    }
    return 0;
}
