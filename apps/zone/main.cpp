// pitstop-zone: a zonal gateway. See config/zone.yaml.
#include "apps/zone/wiring.h"
#include "io/log/log.h"

#include <CLI/CLI.hpp>

namespace {

pitstop::Result<void> start(const std::string& config, const std::string& log_format) {
    using namespace pitstop;
    TRY(const auto settings, zone::Settings::from_file(config));
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
        "Example:\n  pitstop-zone --config config/zone.yaml\n\n"
        "Ends cleanly on SIGINT and SIGTERM; says \"ready\" on stderr when testers may connect.");
    std::string config, log_format = "text";
    app.add_option("--config", config, "the zone's configuration file")->required()->check(CLI::ExistingFile);
    app.add_option("--log-format", log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
    CLI11_PARSE(app, argc, argv);

    if (const auto ended = start(config, log_format); !ended) {
        pitstop::io::log::problem(ended.error(), "pitstop-zone");
        return 1;
    }
    return 0;
}
