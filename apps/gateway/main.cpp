// pitstop-gateway: see --help and config/gateway.yaml.
#include "apps/command_line.h"
#include "apps/gateway/wiring.h"
#include "io/log/log.h"

#include <CLI/CLI.hpp>

namespace {

constexpr const char* about = "The car's master gateway: talks to the server, decides about updates, flashes the ECUs.";
constexpr const char* examples = R"(Examples:
  pitstop-gateway --config config/gateway.yaml
  pitstop-gateway --config config/gateway.yaml --log-format json --log-level debug

Ends cleanly on SIGINT and SIGTERM; after a power cut it goes on where it was.)";

struct Arguments {
    std::string config;
    std::string log_format = "text";
    std::string log_level = "info";
};

pitstop::Result<void> start(const Arguments& arguments) {
    using namespace pitstop;
    ENSURE(io::log::start({.level = io::log::level_from(arguments.log_level).value_or(io::log::Level::info),
                           .format = io::log::format_from(arguments.log_format).value_or(io::log::Format::text),
                           .file = {},
                           .program = "gateway"}));
    TRY(const gateway::Settings settings, gateway::Settings::from_file(arguments.config));
    return gateway::run(settings);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(about, "pitstop-gateway");
    Arguments arguments;
    app.footer(examples);
    app.add_option("--config", arguments.config, "the gateway's configuration file")
        ->required()
        ->check(CLI::ExistingFile);
    app.add_option("--log-format", arguments.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
    app.add_option("--log-level", arguments.log_level, "debug, info, warning or error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
    if (const auto end = pitstop::ends_after_parsing(app, argc, argv)) return *end;
    const auto ended = start(arguments);
    if (ended) return 0;
    pitstop::io::log::problem(ended.error(), "pitstop-gateway");
    return 1;
}
