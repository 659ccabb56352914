// pitstop-bus: see --help.
#include "apps/bus/bus_server.h"
#include "apps/bus/settings.h"
#include "apps/bus/vehicle_part.h"
#include "apps/command_line.h"
#include "io/log/log.h"
#include "io/vehicle/car_options.h"

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <format>
#include <print>

namespace {

using namespace pitstop;

constexpr const char* about =
    "A CAN and CAN-FD bus in user space, with the bit timing and the arbitration of a real one.";
constexpr const char* examples = R"(Examples:
  pitstop-bus --listen unix:/run/pitstop/can0.sock --bitrate 500000 --data-bitrate 2000000
  pitstop-bus --listen tcp:127.0.0.1:29536 --time-scale 0          as fast as the machine can
  pitstop-bus --config config/bus.yaml --pcap can0.pcap            then: tshark -r can0.pcap
  pitstop-bus --vehicle config/vehicle-100.yaml --zone body --folder run/car     all buses of a zone
  pitstop-bus --config config/bus.yaml --socketcand tcp:127.0.0.1:29537   python-can and others may join as well
  kill -USR1 PID                                                   prints the bus load; --load 10 does so every 10 s

Ends cleanly on SIGINT and SIGTERM; says "ready" on stderr when nodes may connect.)";

struct Asked {
    std::string config, listen, pcap, log_format = "text";
    std::optional<std::uint32_t> bitrate, data_bitrate;
    std::optional<double> time_scale;
    std::optional<std::int64_t> load_every_s;
    std::string tools;
    std::optional<std::uint64_t> seed;
    std::optional<std::uint32_t> errors, losses;
    io::CarOptions car;
};

void describe(CLI::App& app, Asked& asked) {
    app.footer(examples);
    CLI::Option* const config =
        app.add_option("--config", asked.config, "read settings from this YAML file; the options below win over it")
            ->check(CLI::ExistingFile);
    io::add_car_options(app, asked.car)->excludes(config);
    app.add_option("--listen", asked.listen, "unix:PATH or tcp:HOST:PORT (loopback; port 0: any free one)");
    app.add_option("--bitrate", asked.bitrate, "nominal bits per second (default 500000)")
        ->check(CLI::Range(bus::nominal_bits_per_s_min, bus::nominal_bits_per_s_max));
    app.add_option("--data-bitrate", asked.data_bitrate, "bits per second of the CAN-FD data phase (default 2000000)")
        ->check(CLI::Range(bus::nominal_bits_per_s_min, bus::data_bits_per_s_max));
    app.add_option("--time-scale", asked.time_scale,
                   "1 real time, 0.1 ten times faster, 0 no bus time at all (default 1)")
        ->check(CLI::Range(0.0, bus::time_scale_max));
    app.add_option("--pcap", asked.pcap, "record every frame into this file, for Wireshark and tshark");
    app.add_option("--load", asked.load_every_s,
                   "a line about the bus load every so many seconds (default: at the end)")
        ->check(CLI::Range(std::int64_t{0}, bus::load_every_s_max));
    app.add_option("--socketcand", asked.tools, "tcp:HOST:PORT, where third-party tools join in socketcand's raw mode");
    app.add_option("--seed", asked.seed, "of the faults (default 1)");
    app.add_option("--errors", asked.errors, "frames in a million that an error frame ends (default 0)")
        ->check(CLI::Range(0, 1'000'000));
    app.add_option("--losses", asked.losses, "frames in a million that a node does not hear (default 0)")
        ->check(CLI::Range(0, 1'000'000));
    app.add_option("--log-format", asked.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

void set_for_all(const Asked& asked, bus::Settings& settings) {
    if (asked.load_every_s) settings.load_every = std::chrono::seconds(*asked.load_every_s);
    settings.faults.seed = asked.seed.value_or(settings.faults.seed);
    settings.faults.error_per_million = asked.errors.value_or(settings.faults.error_per_million);
    settings.faults.loss_per_million = asked.losses.value_or(settings.faults.loss_per_million);
}

Result<bus::Settings> settle(const Asked& asked) {
    bus::Settings settings;
    if (!asked.config.empty()) {
        TRY(const auto root, io::config::Section::from_file(asked.config));
        TRY(settings, bus::settings_from(root));
    }
    if (!asked.listen.empty()) settings.listen = asked.listen;
    if (!asked.pcap.empty()) settings.pcap = asked.pcap;
    if (asked.bitrate) settings.rates.nominal_bits_per_s = *asked.bitrate;
    if (asked.data_bitrate) settings.rates.data_bits_per_s = *asked.data_bitrate;
    if (asked.time_scale) settings.time_scale = *asked.time_scale;
    if (!asked.tools.empty()) settings.tools.emplace().listen = asked.tools;
    set_for_all(asked, settings);
    ENSURE(bus::check(settings));
    return settings;
}

Result<std::vector<bus::Settings>> settle_all(const Asked& asked) {
    if (asked.car.file.empty()) {
        TRY(bus::Settings only, settle(asked));
        return std::vector{std::move(only)};
    }
    TRY(const vehicle::Blueprint car, io::read_vehicle(asked.car.file));
    TRY(auto buses, bus::buses_of(car, asked.car.zone, asked.car.place()));
    for (bus::Settings& settings : buses) {
        settings.time_scale = asked.time_scale.value_or(settings.time_scale);
        set_for_all(asked, settings);
    }
    return buses;
}

// One bus, its recorder before it: the bus writes until it ends.
struct Running {
    std::unique_ptr<bus::Recorder> recorder;
    std::unique_ptr<bus::BusServer> server;
};

Result<Running> start(io::Loop& loop, const bus::Settings& settings) {
    TRY(const auto address, io::can::Address::parse(settings.listen));
    Running running;
    if (settings.pcap) {
        const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
        const auto offset = std::chrono::duration_cast<bus::Nanos>(since_1970) - bus::bus_clock();
        TRY(auto recorder, bus::Recorder::open(*settings.pcap, offset));
        running.recorder = std::make_unique<bus::Recorder>(std::move(recorder));
    }
    const bus::Arbiter arbiter(settings.rates, settings.time_scale, bus::Disturbance(settings.faults));
    TRY(running.server, bus::BusServer::open(loop, address, arbiter, running.recorder.get()));
    if (settings.tools) {
        TRY(const auto tools, io::can::Address::parse(settings.tools->listen));
        ENSURE(running.server->serve_tools_at(tools, settings.tools->bus));
        io::log::info("tools join {} at {}", settings.tools->bus, running.server->tools_at());
    }
    if (settings.load_every.count() > 0) running.server->report_load_every(settings.load_every);
    io::log::info("ready at {}: {} bit/s, data {} bit/s, time scale {}", running.server->listening_at(),
                  settings.rates.nominal_bits_per_s, settings.rates.data_bits_per_s, settings.time_scale);
    return running;
}

void report_load(const std::vector<Running>& buses) {
    for (const Running& bus : buses) io::log::info("{}: {}", bus.server->listening_at(), bus.server->load_line());
}

io::Task<void> report_when_asked(io::Loop& loop, const std::vector<Running>& buses) {
    boost::asio::signal_set asked(loop.context(), SIGUSR1);
    while (true) {
        auto [code, number] = co_await asked.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (code) co_return fail(io::error_of(code, "SIGUSR1"));
        report_load(buses);
    }
}

Result<void> run(const Asked& asked) {
    TRY(const auto wanted, settle_all(asked));
    ENSURE(io::log::start({.format = *io::log::format_from(asked.log_format), .file = {}, .program = "bus"}));

    io::Loop loop;
    std::vector<Running> buses;
    for (const bus::Settings& settings : wanted) {
        TRY(Running bus, start(loop, settings));
        buses.push_back(std::move(bus));
    }
    std::optional<Error> broken;
    loop.on_failure([&](std::string_view task, const Error& error) {
        io::log::problem(error, task);
        broken = error;
        loop.stop();
    });
    loop.stop_on_signals();
    loop.spawn("load report", report_when_asked(loop, buses));
    io::log::info("{} buses are ready", buses.size());
    loop.run();
    report_load(buses);
    for (const Running& bus : buses)
        if (bus.recorder) ENSURE(bus.recorder->flush());
    if (broken) return std::unexpected(*broken);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(about, "pitstop-bus");
    Asked asked;
    describe(app, asked);
    if (const auto end = pitstop::ends_after_parsing(app, argc, argv)) return *end;
    const auto done = run(asked);
    if (done) return 0;
    std::println(stderr, "pitstop-bus: {}", done.error().str());
    return 1;
}
