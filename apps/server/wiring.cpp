#include "apps/server/wiring.h"

#include "apps/server/delivery_works.h"
#include "apps/server/first_key.h"
#include "apps/server/renewal.h"
#include "apps/server/routes.h"
#include "apps/server/vehicle_link.h"
#include "io/config/faults.h"
#include "io/keys/key_file.h"
#include "io/mqtt/broker.h"
#include "io/runtime/pool.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <format>
#include <system_error>
#include <thread>

namespace pitstop::server {
namespace {

namespace http = io::http;
constexpr std::chrono::milliseconds stop_grace{2000};

// What is stored, and who decides over it. Everything in here belongs to the loop's thread.
struct Cloud {
    std::unique_ptr<io::store::Database> database;
    ImageRepository images;
    Director director;
    AuditLog audit;
    io::blobs::BlobFolder blobs, payloads;
    StoredImages stored;
    std::vector<crypto::PublicKey> package_signers;
};

Result<std::vector<crypto::PublicKey>> public_keys_in(const std::filesystem::path& folder) {
    std::vector<crypto::PublicKey> keys;
    std::error_code failure;
    for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        if (at->path().extension() != ".pub") continue;
        TRY(auto key, io::keys::load_public_key(at->path()));
        keys.push_back(std::move(key));
    }
    if (failure) return fail(io::config::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    if (keys.empty())
        return fail(io::config::faults::unreadable, std::format("{}: no .pub file in it", folder.string()));
    return keys;
}

Result<Cloud> open_cloud(const Settings& settings) {
    std::error_code failure;
    std::filesystem::create_directories(settings.data, failure);
    if (failure)
        return fail(io::config::faults::unreadable, std::format("{}: {}", settings.data.string(), failure.message()));
    TRY(auto database, io::store::Database::open({settings.data / "pitstop.db"}));
    const io::store::MetadataFiles files(*database);
    TRY(auto images, ImageRepository::open(settings.repository.image_root, *database, files));
    TRY(auto keys, OnlineKeys::load(settings.repository.online_keys));
    TRY(auto listing_keys, ListingKeys::load_if_there(settings.repository.online_keys));
    images.hold(std::move(listing_keys));
    TRY(auto director, Director::open(settings.repository.director_roots, std::move(keys), *database));
    TRY(auto audit, AuditLog::open(settings.data / "audit.log"));
    TRY(auto blobs, io::blobs::BlobFolder::open(settings.data / "packages"));
    TRY(auto payloads, io::blobs::BlobFolder::open(settings.data / "payloads"));
    StoredImages stored;
    ENSURE(stored.load(io::store::Campaigns(*database)));
    TRY(auto signers, public_keys_in(settings.repository.package_signers));
    return Cloud{std::move(database), std::move(images),   std::move(director), std::move(audit),
                 std::move(blobs),    std::move(payloads), std::move(stored),   std::move(signers)};
}

Result<Authenticator> load_people(const Settings& settings, io::store::Database& database) {
    io::store::ApiKeys keys(database);
    ENSURE(make_first_key(keys, settings.data / "admin.key"));
    TRY(auto known, keys.list());
    for (const auto& key : settings.api_keys) known.push_back({key.digest, key.role, key.name});
    return Authenticator(known);
}

Result<http::Server> serve_metrics(const Settings& settings, http::Router& router, io::metrics::Registry& registry) {
    ENSURE(router.add("GET", "/metrics", [&registry](http::Request&) -> boost::asio::awaitable<http::Response> {
        co_return http::text(200, registry.render(), "text/plain; version=0.0.4; charset=utf-8");
    }));
    return http::Server::start(
        {.address = "127.0.0.1", .port = settings.metrics_port, .threads = 1, .tls = std::nullopt, .limits = {}},
        router, registry);
}

// The order of stopping: no more requests, no more broker, then everything else.
io::Task<void> stop_on_signal(io::Loop& loop, http::Server& server, io::mqtt::Broker* broker) {
    boost::asio::signal_set signals(loop.context(), SIGINT, SIGTERM);
    const auto [error, number] = co_await signals.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error) co_return Result<void>{};
    io::log::info("stopping");
    io::Pool pool(1);  // stop() waits for requests that wait for this loop
    co_await pool.run([&] {
        server.stop(stop_grace);
        return 0;
    });
    if (broker != nullptr) (void)co_await broker->stop();
    loop.stop();
    co_return Result<void>{};
}

// Whatever way run() ends: what the MQTT client began must end by running, after the client and before the loop.
struct Unwind {
    io::Loop& loop;
    ~Unwind() {
        loop.stop();
        loop.run();
    }
};

Result<void> add_routes(Doors& doors, io::Loop& loop, Cloud& cloud, CampaignDesk& desk, Deliveries& deliveries) {
    ENSURE(add_vehicle_routes(doors, loop, *cloud.database));
    ENSURE(add_campaign_routes(doors, loop, *cloud.database, desk, deliveries));
    ENSURE(add_package_routes(doors, loop, *cloud.database, desk, cloud.blobs, deliveries));
    return add_repository_routes(doors, loop, cloud.images, cloud.director, desk);
}

// Signatures are checked by as many threads as there are cores.
std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

void say_where(const Settings& settings, const http::Server& server, const http::Server& metrics) {
    io::log::info("HTTPS on {}:{} (profile {})", settings.https.address, server.port(), settings.https.tls->profile);
    io::log::info("metrics on 127.0.0.1:{}", metrics.port());
    if (settings.embedded_broker)
        io::log::info("MQTT on {}:{} (embedded Mosquitto, profile {})", settings.embedded_broker->address,
                      settings.embedded_broker->port, settings.mqtt.tls.profile);
    else
        io::log::info("MQTT through the broker {}:{}", settings.mqtt.host, settings.mqtt.port);
}

}  // namespace

Result<void> run(const Settings& settings) {
    io::metrics::Registry registry;
    io::Loop loop;
    std::optional<Error> fatal;
    loop.on_failure([&](std::string_view task, const Error& error) {
        io::log::problem(error, task);
        if (error.remedy() != Remedy::stop) return;
        fatal = error;
        loop.stop();
    });

    TRY(Cloud cloud, open_cloud(settings));
    TRY(const Authenticator people, load_people(settings, *cloud.database));
    std::optional<io::mqtt::Broker> broker;
    if (settings.embedded_broker) {
        broker.emplace(loop, *settings.embedded_broker);
        ENSURE(io::complete(loop, broker->start()));
        loop.spawn("broker", broker->watch());
    }
    const Unwind unwind{loop};
    TRY(io::mqtt::Client client, io::mqtt::Client::open(loop, settings.mqtt, registry));
    MqttSpeaker speaker(loop, client);
    Deliveries deliveries(*cloud.database, cloud.stored, cloud.blobs, cloud.payloads, settings.delta);
    deliveries.count_in(registry);
    Engine engine(*cloud.database, cloud.director, cloud.images, deliveries, speaker);
    DiagnosticDesk diagnostics(*cloud.database, cloud.director, cloud.audit, speaker);
    ENSURE(diagnostics.start(loop.utc_now()));
    engine.tell(diagnostics);
    DeliveryWorks works(loop, deliveries, {cloud.blobs, cloud.payloads},
                        [&engine](UtcTime now) { return engine.deliveries_changed(now); });
    CampaignDesk desk(*cloud.database, engine, cloud.stored, cloud.audit, cloud.package_signers);
    Renewal renewal(cloud.images, cloud.director, registry);
    io::Pool pool(cores());
    ManifestDesk manifests(loop, *cloud.database, cloud.audit, registry);
    TRY(auto time_keys, load_time_keys(settings.repository.online_keys));
    if (time_keys.empty()) io::log::warning("no time server: director-time-classical.key and -pq.key are not there");
    ENSURE(check_time_keys(cloud.director.root(), time_keys));
    TimeServer time(loop, pool, std::move(time_keys), registry);

    std::atomic<bool> broker_connected = false;
    http::Router router, metrics_router;
    Doors doors(router, people);
    ENSURE(add_routes(doors, loop, cloud, desk, deliveries));
    ENSURE(add_diagnostic_routes(doors, loop, diagnostics));
    ENSURE(add_manifest_routes(doors, loop, pool, manifests));
    ENSURE(add_time_route(doors, loop, time));
    ENSURE(add_health_route(router, broker_connected));
    TRY(http::Server metrics, serve_metrics(settings, metrics_router, registry));
    TRY(http::Server server, http::Server::start(settings.https, router, registry));
    say_where(settings, server, metrics);

    loop.spawn("vehicles", listen_to_vehicles(loop, client, engine, broker_connected));
    loop.spawn("time", pass_time(loop, engine, diagnostics));
    works.start();
    loop.spawn("renewal", keep_renewing(loop, renewal));
    loop.spawn("signals", stop_on_signal(loop, server, broker ? &*broker : nullptr));
    loop.run();
    if (fatal) return fail(*fatal);
    return {};
}

}  // namespace pitstop::server
