// pitstop-ecu: one virtual ECU. See config/ecu-can.yaml and config/ecu-ethernet.yaml.
#include "apps/ecu/wiring.h"
#include "io/log/log.h"

#include <CLI/CLI.hpp>

namespace {

struct Arguments {
    std::string config;
    std::string name;
    std::string log_format = "text";
    std::optional<double> flash_speed;
};

pitstop::Result<void> start(const Arguments& arguments) {
    using namespace pitstop;
    TRY(auto settings, ecu::Settings::from_file(arguments.config));
    if (!arguments.name.empty()) {
        TRY(settings.identity.id, EcuId::parse(arguments.name));
    }
    if (arguments.flash_speed) settings.flash.times = ecu::times_at(*arguments.flash_speed);
    io::log::LogSettings log;
    log.format = io::log::format_from(arguments.log_format).value_or(io::log::Format::text);
    log.program = "ecu";
    ENSURE(io::log::start(log));
    return ecu::run(settings);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"One virtual ECU: UDS server, two banks in a flash file, boot and self-check."};
    Arguments arguments;
    app.add_option("--config", arguments.config, "the ECU's configuration file")->required()->check(CLI::ExistingFile);
    app.add_option("--name", arguments.name, "another id than the file's, as ECU_011");
    app.add_option("--flash-speed", arguments.flash_speed,
                   "imitate the time that flash takes: 1 as a real one, 10 ten times faster, 0 as fast as possible")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--log-format", arguments.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
    CLI11_PARSE(app, argc, argv);

    if (const auto ended = start(arguments); !ended) {
        pitstop::io::log::problem(ended.error(), "pitstop-ecu");
        return 1;
    }
    return 0;
}
