// pitstop-server: the cloud of one fleet in one process. See config/server.yaml.
#include "apps/command_line.h"
#include "apps/server/wiring.h"

#include <CLI/CLI.hpp>

namespace {

struct Arguments {
    std::string config;
    bool check_only = false;
};

pitstop::Result<void> start(const Arguments& arguments) {
    using namespace pitstop;
    TRY(const auto settings, server::Settings::from_file(arguments.config));
    if (arguments.check_only) return {};
    ENSURE(io::log::start(settings.log));
    return server::run(settings);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "The server of a fleet: campaigns, Uptane repositories, REST, and the MQTT broker that vehicles connect to."};
    Arguments arguments;
    app.add_option("--config", arguments.config, "the server's configuration file")
        ->required()
        ->check(CLI::ExistingFile);
    app.add_flag("--check", arguments.check_only, "read the configuration, say what is wrong with it, and end");
    app.footer("Example:\n  pitstop-server --config config/server.yaml");
    if (const auto end = pitstop::ends_after_parsing(app, argc, argv)) return *end;

    if (const auto ended = start(arguments); !ended) {
        const pitstop::Error& error = ended.error();
        pitstop::io::log::problem(error, "pitstop-server");
        return 1;
    }
    return 0;
}
