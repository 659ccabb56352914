#include "apps/gateway/wiring.h"

#include "apps/gateway/diagnostics.h"
#include "apps/gateway/faults.h"
#include "apps/gateway/gateway.h"
#include "io/log/log.h"

#include <random>

namespace pitstop::gateway {
namespace {

namespace log = io::log;

constexpr std::string_view version = "0.1.0";

// New at each start, so that a retransmission and a reboot can be told apart.
std::string new_boot_id() {
    std::random_device chance;
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(chance());
    return wire::MessageId::from_bytes(bytes).str();
}

io::mqtt::ClientSettings mqtt_settings(const Settings& settings) {
    return {.host = settings.server.mqtt_host,
            .port = settings.server.mqtt_port,
            .client_id = settings.vehicle.vin.str(),
            .tls = settings.server.tls};
}

Result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) return fail(faults::cannot_store, std::format("{}: {}", folder.string(), problem.message()));
    return {};
}

}  // namespace

Result<void> run(const Settings& settings) {
    ENSURE(make_folder(settings.state_folder));
    io::Loop loop;
    io::Pool pool(1);
    io::metrics::Registry metrics;
    const auto state_file = settings.state_folder / "state.json";
    TRY(update::State state, load_state(state_file, loop.utc_now()));

    io::http::Client server(loop, {.base_url = settings.server.base_url, .tls = settings.server.tls, .headers = {}});
    TRY(io::mqtt::Client broker, io::mqtt::Client::open(loop, mqtt_settings(settings), metrics));
    Car car(loop, settings.vehicle, settings.tester_address);
    std::unique_ptr<io::flashing::Visitor> visitor;
    if (settings.credential) {
        TRY(visitor, io::flashing::Visitor::with(*settings.credential, settings.vehicle.vin, "gateway"));
        car.introduce(*visitor);
    }
    if (settings.in_car_tls) car.secure(settings.in_car_tls->tls, settings.in_car_tls->only);
    Cloud cloud(loop, broker, server, settings.vehicle.vin);
    Trust trust(server, settings.trust, settings.vehicle.vin);
    Secondaries secondaries(loop, car, trust);
    Flasher flasher(loop, car, secondaries);
    TRY(Reports reports,
        Reports::open(loop, server, trust, settings.vehicle.vin, settings.keys, settings.state_folder));
    Packages packages(server, pool, settings.state_folder / "packages");
    const Conditions conditions(settings.conditions);
    const ConsentDesk consent(settings.state_folder);
    TRY(DiagnosticMemory jobs, DiagnosticMemory::open(settings.state_folder / "diagnostics", settings.vehicle.vin));
    Diagnostics diagnostics(
        loop, {car, trust, conditions, [&cloud](const update::Outgoing& message) { cloud.publish(message); }},
        std::move(jobs));
    cloud.hand_diagnostics_to(diagnostics);
    Gateway gateway(loop, {car, cloud, trust, packages, flasher, reports, conditions, consent},
                    {settings.vehicle.vin, settings.consent, std::string(version), settings.ecu_retries_max},
                    state_file, std::move(state));

    std::optional<Error> broken;
    loop.on_failure([&](std::string_view task, const Error& error) {
        log::problem(error, task);
        broken = error;  // each of these tasks is one that the gateway cannot be without
        loop.stop();
    });
    loop.stop_on_signals();
    gateway.post(update::Started{new_boot_id()});
    loop.spawn("decisions", gateway.run());
    loop.spawn("time", gateway.tick());
    loop.spawn("listening", cloud.listen([&gateway](update::Event event) { gateway.post(std::move(event)); }));
    loop.spawn("reports", reports.run());
    loop.spawn("diagnostic orders", diagnostics.judge_orders());
    loop.spawn("diagnostic jobs", diagnostics.run_jobs());
    loop.spawn("diagnostic reports", diagnostics.say_again());
    log::info("ready: vehicle {}, {} ECUs, server {}, broker {}:{}", settings.vehicle.vin.view(),
              settings.vehicle.ecus.size(), settings.server.base_url, settings.server.mqtt_host,
              settings.server.mqtt_port);
    loop.run();
    if (broken) return fail(*broken);
    return {};
}

}  // namespace pitstop::gateway
