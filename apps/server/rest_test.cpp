// The REST interface through real TLS: who may ask what, and what comes back.
#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "apps/server/first_key.h"
#include "apps/server/routes.h"
#include "apps/server/settings.h"
#include "core/crypto/digest.h"
#include "core/uptane/faults.h"
#include "core/uptane/fleet_on_the_desk.h"
#include "io/http/client.h"
#include "io/keys/certificate_authority.h"

#include <chrono>
#include <thread>

namespace pitstop::server {
namespace {

namespace http = io::http;

UtcTime clock_now() {
    return {
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::vector<crypto::SoftwareSigner> time_keys() {
    std::vector<crypto::SoftwareSigner> keys;
    keys.push_back(desk::copy_of(uptane::desk::time_keys().classical));
    keys.push_back(desk::copy_of(uptane::desk::time_keys().post_quantum));
    return keys;
}

class Rest : public testing::Test {
protected:
    Rest()
        : cloud_(clock_now()),
          built_(desk::build_package(cloud_.now)),
          blobs_(*io::blobs::BlobFolder::open(cloud_.folder / "packages")) {
        make_certificates();
        Result<void> opened = add_vehicle_routes(doors_, loop_, *cloud_.database);
        if (opened) opened = add_campaign_routes(doors_, loop_, *cloud_.database, *cloud_.desk, *cloud_.deliveries);
        if (opened)
            opened = add_package_routes(doors_, loop_, *cloud_.database, *cloud_.desk, blobs_, *cloud_.deliveries);
        if (opened) opened = add_repository_routes(doors_, loop_, *cloud_.images, *cloud_.director, *cloud_.desk);
        if (opened) opened = add_manifest_routes(doors_, loop_, pool_, manifests_);
        if (opened) opened = diagnostics_.start(cloud_.now);
        if (opened) opened = add_diagnostic_routes(doors_, loop_, diagnostics_);
        if (opened) opened = add_time_route(doors_, loop_, time_);
        if (opened) opened = add_health_route(router_, broker_connected_);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().str());
        auto tls = identity("server");
        tls.peer_certificate = io::tls::PeerCertificate::optional;
        http::ServerSettings settings;
        settings.port = 0;
        settings.threads = 1;
        settings.tls = tls;
        auto started = http::Server::start(settings, router_, registry_);
        EXPECT_TRUE(started) << (started ? "" : started.error().str());
        server_.emplace(*std::move(started));
        engine_thread_ = std::jthread([this] { loop_.run(); });
    }
    ~Rest() override {
        server_.reset();
        loop_.stop();
    }

    void make_certificates() {
        const auto authority = *io::keys::CertificateAuthority::create(crypto::KeyType::ecdsa_p256, "test", cloud_.now);
        EXPECT_TRUE(authority.save(cloud_.folder / "ca.crt", cloud_.folder / "ca.key"));
        const std::vector<io::keys::ServerName> names{*io::keys::ServerName::parse("127.0.0.1")};
        const auto keep = [&](const io::keys::Issued& issued, const std::string& name) {
            EXPECT_TRUE(io::keys::save(issued, cloud_.folder / (name + ".crt"), cloud_.folder / (name + ".key")));
        };
        keep(*authority.issue_server(names, cloud_.now), "server");
        for (const Vin& vin : {desk::car, desk::other_car})
            keep(*authority.issue_client(vin.view(), std::chrono::days(1), cloud_.now), vin.str());
    }
    io::tls::TlsSettings identity(const std::string& name) const {
        io::tls::TlsSettings settings;
        settings.trust_anchors = cloud_.folder / "ca.crt";
        if (name.empty()) return settings;
        settings.certificate_chain = cloud_.folder / (name + ".crt");
        settings.private_key = cloud_.folder / (name + ".key");
        return settings;
    }

    // One request of somebody: by key (a person) or by certificate (a vehicle), or by nothing.
    struct Who {
        std::string key, certificate;
    };
    http::Answer ask(const Who& who, const std::string& method, const std::string& path, const std::string& body = "",
                     http::Headers headers = {}) {
        io::Loop own;
        http::Client client(own, {.base_url = std::format("https://127.0.0.1:{}", server_->port()),
                                  .tls = identity(who.certificate),
                                  .headers = {}});
        if (!who.key.empty()) headers.add("Authorization", "Bearer " + who.key);
        const std::size_t answer_max = 1 << 20;
        auto answer = io::complete(own, method == "GET"
                                            ? client.get(path, headers, answer_max)
                                            : client.send(method, path, body, "application/json", headers, answer_max));
        EXPECT_TRUE(answer) << method << " " << path << ": " << (answer ? "" : answer.error().str());
        return answer ? *std::move(answer) : http::Answer{};
    }
    http::Answer get(const Who& who, const std::string& path, http::Headers headers = {}) {
        return ask(who, "GET", path, "", std::move(headers));
    }
    static std::string code_of(const http::Answer& answer) {
        const auto value = json::parse(view_of(answer.body), 1 << 20);
        if (!value || !value->is_object()) return "no JSON: " + answer.body;
        return json::string(value->get_object(), "code").value_or("no code: " + answer.body);
    }
    static json::Object object_of(const http::Answer& answer) {
        auto value = json::parse(view_of(answer.body), 1 << 20);
        EXPECT_TRUE(value && value->is_object()) << answer.body;
        return value && value->is_object() ? value->get_object() : json::Object{};
    }
    static std::string text(const Bytes& bytes) { return std::string(text_of(bytes)); }

    void expect_payloads_for_the_assigned_only() {
        const std::string path = "/packages/winter/payloads/" + to_hex(built_.metadata.records.front().payload_sha256);
        EXPECT_EQ(get(car_, path).body, "brake software") << "without the record's header";
        http::Headers range;
        range.add("Range", "bytes=6-");
        const auto rest = get(car_, path, range);
        EXPECT_EQ(rest.status, 206U);
        EXPECT_EQ(rest.body, "software");
        EXPECT_EQ(get(other_car_, path).status, 403U);
        EXPECT_EQ(code_of(get(car_, "/packages/winter/payloads/" + std::string(64, '0'))),
                  faults::unknown_payload.code);
        EXPECT_EQ(get(car_, "/packages/winter/payloads/..%2f..%2fpitstop.db").status, 404U);
        const auto deltas = object_of(get(viewer_, "/api/v1/campaigns/winter/deltas"));
        EXPECT_TRUE(deltas.at("deltas").as_array().empty());
        EXPECT_EQ(deltas.at("totals").at("made").to_number<int>(), 0);
        EXPECT_EQ(get(car_, "/api/v1/campaigns/winter/deltas").status, 403U);
    }

    const Who admin_{"key-of-admin", ""}, viewer_{"key-of-viewer", ""}, car_{"", "VIN00001"},
        other_car_{"", "VIN00002"}, nobody_{"", ""};
    desk::Cloud cloud_;
    desk::Built built_;
    io::blobs::BlobFolder blobs_;
    const Authenticator people_{{{crypto::sha256(view_of("key-of-admin")), "admin", "boss"},
                                 {crypto::sha256(view_of("key-of-viewer")), "viewer", "guest"}}};
    std::atomic<bool> broker_connected_ = true;
    io::metrics::Registry registry_;
    io::Loop loop_;
    http::Router router_;
    Doors doors_{router_, people_};
    io::Pool pool_{2};
    ManifestDesk manifests_{loop_, *cloud_.database, *cloud_.audit, registry_};
    DiagnosticDesk diagnostics_{*cloud_.database, *cloud_.director, *cloud_.audit, cloud_.heard};
    TimeServer time_{loop_, pool_, time_keys(), registry_};
    std::optional<http::Server> server_;
    std::jthread engine_thread_;
};

TEST_F(Rest, AsksEverybodyWhoTheyAre) {
    for (const auto& rule : access_rules()) {
        const auto answer = ask(nobody_, std::string(rule.method), std::string(rule.pattern));
        EXPECT_EQ(answer.status, 401U) << rule.pattern;
        EXPECT_EQ(code_of(answer), faults::not_authenticated.code) << rule.pattern;
    }
    EXPECT_EQ(get(nobody_, "/health").status, 200U);
}

TEST_F(Rest, KeepsVehiclesOutOfTheApiAndPeopleOutOfTheDirector) {
    EXPECT_EQ(get(car_, "/api/v1/vehicles").status, 403U);
    EXPECT_EQ(code_of(get(car_, "/api/campaigns")), faults::not_allowed.code);
    EXPECT_EQ(get(admin_, "/director/timestamp.json").status, 403U);
    EXPECT_EQ(ask(viewer_, "POST", "/api/v1/campaigns", "{}").status, 403U);
}

TEST_F(Rest, TakesACampaignFromItsMetadataToAVehicle) {
    const auto created = ask(admin_, "POST", "/api/v1/campaigns", desk::Cloud::wish(built_));
    ASSERT_EQ(created.status, 201U) << created.body;
    EXPECT_EQ(created.headers.find("Location"), "/api/v1/campaigns/winter");
    EXPECT_EQ(code_of(ask(admin_, "POST", "/api/v1/campaigns/winter/deploy", R"({"vins":["VIN00001"]})")),
              faults::no_package.code);

    std::string flipped = text(built_.bytes);
    flipped.back() ^= 1;
    EXPECT_EQ(code_of(ask(admin_, "POST", "/api/v1/campaigns/winter/package", flipped)), "blobs.wrong-digest");
    EXPECT_EQ(code_of(ask(admin_, "POST", "/api/v1/campaigns/winter/package", text(built_.bytes) + "more")),
              "blobs.too-large");
    ASSERT_EQ(ask(admin_, "POST", "/api/v1/campaigns/winter/package", text(built_.bytes)).status, 201U);

    const auto target = desk::Cloud::named(built_);
    const auto files = cloud_.publication(std::span(&target, 1));
    EXPECT_EQ(ask(admin_, "PUT", "/api/v1/repo/1.targets.json", text(files.targets)).status, 202U);
    EXPECT_EQ(ask(admin_, "PUT", "/api/v1/repo/1.snapshot.json", text(files.snapshot)).status, 202U);
    EXPECT_EQ(ask(admin_, "PUT", "/api/repo/timestamp.json", text(files.timestamp)).status, 200U);
    EXPECT_EQ(get(car_, "/repo/1.targets.json").body, text(files.targets));

    const auto deployed = ask(admin_, "POST", "/api/v1/campaigns/winter/deploy", R"({"vins":["VIN00001"]})");
    ASSERT_EQ(deployed.status, 202U) << deployed.body;
    const auto shown = object_of(get(viewer_, "/api/v1/campaigns/winter"));
    EXPECT_EQ(shown.at("assignments").at(0).at("phase"), "assigned");
    EXPECT_EQ(shown.at("assignments").at(0).at("events").as_array().size(), 1U);
    EXPECT_EQ(shown.at("package").at("size_bytes").to_number<std::size_t>(), built_.bytes.size());

    expect_payloads_for_the_assigned_only();
    const std::string path = "/packages/winter/full_package.bin";
    EXPECT_EQ(get(car_, path).body, text(built_.bytes));
    const auto part = get(car_, path, {{"Range", "bytes=4-7"}});
    EXPECT_EQ(part.status, 206U);
    EXPECT_EQ(part.body, text(built_.bytes).substr(4, 4));
    EXPECT_EQ(get(car_, "/packages/winter/campaign_metadata.json").status, 200U);
    EXPECT_EQ(code_of(get(other_car_, path)), faults::not_allowed.code);
    EXPECT_EQ(get(viewer_, path).status, 200U);
}

TEST_F(Rest, GivesEachVehicleItsOwnDirectorFiles) {
    EXPECT_EQ(get(car_, "/director/1.root.json").status, 200U);
    EXPECT_EQ(get(car_, "/director/2.root.json").status, 404U);
    ASSERT_EQ(get(car_, "/director/timestamp.json").status, 200U);
    ASSERT_EQ(get(other_car_, "/director/timestamp.json").status, 200U);
    EXPECT_NE(get(car_, "/director/1.targets.json").body.find("VIN00001"), std::string::npos);
    EXPECT_EQ(get(car_, "/director/1.targets.json").body.find("VIN00002"), std::string::npos);
}

TEST_F(Rest, ListsInPagesAndRefusesBadCursors) {
    for (const char* vin : {"VIN00001", "VIN00002", "VIN00003"})
        ASSERT_TRUE(io::store::Vehicles(*cloud_.database).put({.vin = *Vin::parse(vin)}));
    const auto first = object_of(get(viewer_, "/api/v1/vehicles?limit=2"));
    EXPECT_EQ(first.at("vehicles").as_array().size(), 2U);
    EXPECT_EQ(first.at("next_cursor"), "VIN00002");
    const auto second = object_of(get(viewer_, "/api/vehicles?limit=2&cursor=VIN00002"));
    EXPECT_EQ(second.at("vehicles").as_array().size(), 1U);
    EXPECT_TRUE(second.at("next_cursor").is_null());
    for (const char* bad : {"limit=0", "limit=501", "limit=x", "limit=-1"})
        EXPECT_EQ(code_of(get(viewer_, std::string("/api/v1/vehicles?") + bad)), faults::bad_cursor.code) << bad;
}

TEST_F(Rest, SaysNotThereForWhatIsNotThere) {
    EXPECT_EQ(code_of(get(viewer_, "/api/v1/vehicles/VIN00009")), faults::unknown_vehicle.code);
    EXPECT_EQ(get(viewer_, "/api/v1/vehicles/..%2F").status, 400U);
    EXPECT_EQ(code_of(get(viewer_, "/api/v1/campaigns/absent")), faults::unknown_campaign.code);
    EXPECT_EQ(code_of(get(viewer_, "/repo/absent.json")), faults::unknown_file.code);
    EXPECT_EQ(get(viewer_, "/api/v2/vehicles").status, 404U);
}

TEST(FirstKey, IsMadeOnceAndKeptOnlyAsItsDigest) {
    desk::Cloud cloud(clock_now());
    io::store::ApiKeys keys(*cloud.database);
    ASSERT_TRUE(make_first_key(keys, cloud.folder / "admin.key"));
    const auto key = io::files::read_file(cloud.folder / "admin.key", 100);
    ASSERT_TRUE(key);
    const std::string written(text_of(*key).substr(0, text_of(*key).find('\n')));
    EXPECT_EQ(written.size(), 64U);
    EXPECT_EQ((*keys.find(crypto::sha256(view_of(written))))->role, "admin");
    ASSERT_TRUE(make_first_key(keys, cloud.folder / "admin.key"));
    EXPECT_EQ(keys.list()->size(), 1U);
}

TEST(Settings, OfTheSampleAreUnderstood) {
    const auto sample = "config/server.yaml";
    const auto settings = Settings::from_file(sample);
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_EQ(settings->https.port, 8443);
    EXPECT_TRUE(settings->embedded_broker);
}

TEST_F(Rest, TakesAManifestOnlyFromItsVehicleAndShowsItToPeople) {
    auto manifest = uptane::desk::manifest(1, cloud_.now);
    const std::string file = text(uptane::desk::signed_manifest(manifest));
    EXPECT_EQ(code_of(ask(car_, "PUT", "/director/manifest", file)), uptane::faults::unregistered.code);
    const std::string keys = boost::json::serialize(to_json(uptane::desk::registered()));
    EXPECT_EQ(ask(viewer_, "PUT", "/api/v1/vehicles/VIN00001/keys", keys).status, 403U);
    ASSERT_EQ(ask(admin_, "PUT", "/api/v1/vehicles/VIN00001/keys", keys).status, 200U);
    EXPECT_EQ(object_of(get(viewer_, "/api/v1/vehicles/VIN00001/keys")).at("primary").as_array().size(), 2U);
    EXPECT_EQ(object_of(get(viewer_, "/api/v1/vehicles/VIN00001/manifest")).at("received"), nullptr);

    EXPECT_EQ(ask(admin_, "PUT", "/director/manifest", file).status, 403U);
    EXPECT_EQ(code_of(ask(other_car_, "PUT", "/director/manifest", file)), uptane::faults::unregistered.code);
    const auto answered = object_of(ask(car_, "PUT", "/director/manifest", file));
    EXPECT_EQ(answered.at("verdict"), "accepted");
    EXPECT_EQ(answered.at("ecus").at("ECU_011").at("verdict"), "accepted");
    EXPECT_EQ(object_of(ask(car_, "PUT", "/director/manifest", file)).at("verdict"), "repeated");
    EXPECT_EQ(object_of(get(viewer_, "/api/v1/vehicles/VIN00001/manifest")).at("counter"), 1);
    EXPECT_EQ(get(viewer_, "/api/v1/vehicles/VIN00009/manifest").status, 404U);

    const auto old = ask(car_, "PUT", "/director/manifest",
                         text(uptane::desk::signed_manifest(uptane::desk::manifest(0, cloud_.now))));
    EXPECT_EQ(old.status, 422U);
    EXPECT_EQ(code_of(old), uptane::faults::counter_back.code);
}

TEST_F(Rest, TellsVehiclesTheTimeThatTheirRootVouchesFor) {
    const uptane::Nonce own{1, 2, 3};
    const std::string question = R"({"nonces":[")" + to_hex(own) + R"("]})";
    EXPECT_EQ(ask(admin_, "POST", "/director/time", question).status, 403U);
    EXPECT_EQ(ask(car_, "POST", "/director/time", "{}").status, 400U);
    const auto answer = ask(car_, "POST", "/director/time", question);
    ASSERT_EQ(answer.status, 200U) << answer.body;
    uptane::AttestedTime time;
    EXPECT_TRUE(time.accept({view_of(answer.body)}, uptane::desk::root_with_time(), own));
}

}  // namespace
}  // namespace pitstop::server
