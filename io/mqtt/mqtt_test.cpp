#include "io/keys/certificate_authority.h"
#include "io/mqtt/broker.h"
#include "io/mqtt/broker_files.h"
#include "io/mqtt/client.h"
#include "io/mqtt/faults.h"
#include "io/mqtt/granted.h"

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace pitstop::io::mqtt {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr auto patience = 8s;  // for what must happen; a hanging test is a failing one

// Certificates of one car park, made once: who is called what.
class Papers {
public:
    Papers() : authority_(*keys::CertificateAuthority::create(crypto::KeyType::ecdsa_p256, "test", now())) {
        std::string pattern = (fs::temp_directory_path() / "pitstop-mqtt-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        EXPECT_TRUE(authority_.save(folder / "ca.crt", folder / "ca.key"));
        const std::vector<keys::ServerName> names{*keys::ServerName::parse("localhost"),
                                                  *keys::ServerName::parse("127.0.0.1")};
        EXPECT_TRUE(keys::save(*authority_.issue_server(names, now()), folder / "broker.crt", folder / "broker.key"));
        for (const char* name : {"pitstop-server", "VIN01", "VIN02"})
            EXPECT_TRUE(keys::save(*authority_.issue_client(name, std::chrono::days(1), now()), path(name, "crt"),
                                   path(name, "key")));
        const auto stranger = *keys::CertificateAuthority::create(crypto::KeyType::ecdsa_p256, "stranger", now());
        EXPECT_TRUE(keys::save(*stranger.issue_client("VIN01", std::chrono::days(1), now()), path("forged", "crt"),
                               path("forged", "key")));
    }
    ~Papers() { fs::remove_all(folder); }

    [[nodiscard]] fs::path path(const std::string& name, const char* kind) const {
        return folder / (name + "." + kind);
    }
    [[nodiscard]] tls::TlsSettings of(const std::string& name) const {
        tls::TlsSettings settings;
        settings.certificate_chain = path(name, "crt");
        settings.private_key = path(name, "key");
        settings.trust_anchors = folder / "ca.crt";
        return settings;
    }
    static UtcTime now() {
        return UtcTime{
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                .count()};
    }

    fs::path folder;

private:
    keys::CertificateAuthority authority_;
};

class Mqtt : public testing::Test {
protected:
    static void SetUpTestSuite() { papers_ = std::make_unique<Papers>(); }
    static void TearDownTestSuite() { papers_.reset(); }

    Mqtt() {
        tcp::acceptor any(loop_.context(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        port_ = any.local_endpoint().port();
        loop_.on_failure(
            [](std::string_view task, const Error& error) { ADD_FAILURE() << task << ": " << error.str(); });
    }
    ~Mqtt() override {
        loop_.stop();
        loop_.run();
        fs::remove_all(papers_->folder / "broker");
    }

    [[nodiscard]] BrokerSettings broker_settings() const {
        BrokerSettings settings;
        settings.folder = papers_->folder / "broker";
        settings.port = port_;
        settings.tls = papers_->of("broker");
        return settings;
    }
    [[nodiscard]] ClientSettings client_settings(const std::string& name) const {
        ClientSettings settings;
        settings.host = "127.0.0.1";
        settings.port = port_;
        settings.client_id = name;
        settings.tls = papers_->of(name);
        return settings;
    }
    Client client(const std::string& name) {
        auto opened = Client::open(loop_, client_settings(name), registry_);
        EXPECT_TRUE(opened) << opened.error().str();
        return *std::move(opened);
    }
    template <class Work>
    auto run(Work work) {
        return complete(loop_, with_deadline(std::chrono::milliseconds(patience), "the test", work()));
    }
    // Before the clients are opened: they would pause after a first attempt in vain.
    void start(Broker& broker) {
        const auto started = run([&] { return broker.start(); });
        ASSERT_TRUE(started) << started.error().str();
    }

    // The next of this kind; what else happens before it is passed over.
    template <class Kind>
    static Task<Kind> next(Client& client) {
        for (;;) {
            CO_TRY(auto incoming, co_await client.receive());
            if (auto* found = std::get_if<Kind>(&incoming)) co_return std::move(*found);
        }
    }

    static inline std::unique_ptr<Papers> papers_;
    Loop loop_;
    metrics::Registry registry_;
    std::uint16_t port_ = 0;
};

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST_F(Mqtt, BrokerSaysWhenItsProgramIsMissing) {
    auto settings = broker_settings();
    settings.program = "mosquitto-that-nobody-installed";
    Broker broker(loop_, settings);
    EXPECT_TRUE(run([&] { return broker.start(); }).error().is(faults::broker_missing));
}

TEST_F(Mqtt, BrokerSaysWhenItsPortIsTaken) {
    tcp::acceptor other(loop_.context(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_));
    Broker broker(loop_, broker_settings());
    const auto started = run([&] { return broker.start(); });
    ASSERT_TRUE(!started && started.error().is(faults::port_taken));
    EXPECT_NE(started.error().detail().find(std::to_string(port_)), std::string_view::npos);
}

TEST_F(Mqtt, BrokerThatCannotServeIsNoticedWithItsLastWords) {
    auto settings = broker_settings();
    settings.tls.certificate_chain = papers_->folder / "absent.crt";
    Broker broker(loop_, settings);
    const auto started = run([&] { return broker.start(); });
    ASSERT_TRUE(!started && started.error().is(faults::broker_not_ready)) << started.error().str();
    EXPECT_NE(started.error().detail().find("absent.crt"), std::string_view::npos) << started.error().str();
}

TEST_F(Mqtt, VehicleAndServerHearEachOtherOverTheProfilesGroup) {
    Broker broker(loop_, broker_settings());
    start(broker);
    Client server = client("pitstop-server"), vehicle = client("VIN01");
    const auto done = run([&]() -> Task<void> {
        CO_ENSURE(co_await server.subscribe({"$share/pitstop/oem/+/wake_up", "$share/pitstop/oem/+/ota/status"},
                                            Qos::at_least_once));
        CO_ENSURE(co_await vehicle.subscribe({"oem/VIN01/command"}, Qos::at_least_once));
        CO_ENSURE(co_await vehicle.publish("oem/VIN01/wake_up", bytes("good morning"), Qos::at_least_once, Retain::no));
        CO_TRY(const auto heard, co_await next<Message>(server));
        EXPECT_EQ(heard.topic, "oem/VIN01/wake_up");
        EXPECT_EQ(heard.payload, "good morning");
        CO_ENSURE(co_await server.publish("oem/VIN01/command", bytes("drive on"), Qos::at_least_once, Retain::no));
        CO_TRY(const auto answer, co_await next<Message>(vehicle));
        EXPECT_EQ(answer.payload, "drive on");
        co_return Result<void>{};
    });
    ASSERT_TRUE(done) << done.error().str();
    EXPECT_TRUE(vehicle.connected());
    EXPECT_EQ(vehicle.negotiated()->group, "X25519MLKEM768");
    EXPECT_EQ(vehicle.negotiated()->cipher, "TLS_AES_256_GCM_SHA384");
}

TEST_F(Mqtt, AMessageSaysWhetherItWasRetained) {
    Broker broker(loop_, broker_settings());
    start(broker);
    Client server = client("pitstop-server"), vehicle = client("VIN01");
    const auto done = run([&]() -> Task<void> {
        CO_ENSURE(co_await server.publish("oem/VIN01/command", bytes("old"), Qos::at_least_once, Retain::yes));
        CO_ENSURE(co_await vehicle.subscribe({"oem/VIN01/command"}, Qos::at_least_once));
        CO_TRY(const auto old, co_await next<Message>(vehicle));
        EXPECT_EQ(old.payload, "old");
        EXPECT_EQ(old.retained, Retain::yes) << "it lay there";
        CO_ENSURE(co_await server.publish("oem/VIN01/command", bytes("new"), Qos::at_least_once, Retain::yes));
        CO_TRY(const auto kept, co_await next<Message>(vehicle));
        EXPECT_EQ(kept.retained, Retain::yes) << "it will lie there";
        CO_ENSURE(co_await server.publish("oem/VIN01/command", bytes("live"), Qos::at_least_once, Retain::no));
        CO_TRY(const auto live, co_await next<Message>(vehicle));
        EXPECT_EQ(live.retained, Retain::no);
        co_return Result<void>{};
    });
    ASSERT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, VehicleCannotSpeakForAnother) {
    Broker broker(loop_, broker_settings());
    start(broker);
    Client vehicle = client("VIN02");
    const auto done = run([&]() -> Task<void> {
        CO_ENSURE(co_await vehicle.publish("oem/VIN02/wake_up", bytes("I"), Qos::at_least_once, Retain::no));
        const auto foreign =
            co_await vehicle.publish("oem/VIN01/wake_up", bytes("not I"), Qos::at_least_once, Retain::no);
        EXPECT_TRUE(!foreign && foreign.error().is(faults::publish_refused));
        const auto order =
            co_await vehicle.publish("oem/VIN02/command", bytes("to myself"), Qos::at_least_once, Retain::no);
        EXPECT_TRUE(!order && order.error().is(faults::publish_refused));
        co_return Result<void>{};
    });
    EXPECT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, VehicleCannotListenToAnother) {
    Broker broker(loop_, broker_settings());
    start(broker);
    Client server = client("pitstop-server"), vehicle = client("VIN02");
    const auto done = run([&]() -> Task<void> {
        (void)co_await vehicle.subscribe({"oem/VIN01/command", "oem/#", "oem/+/command"},
                                         Qos::at_least_once);  // refused or deaf
        CO_ENSURE(co_await vehicle.subscribe({"oem/VIN02/command"}, Qos::at_least_once));
        CO_ENSURE(co_await server.publish("oem/VIN01/command", bytes("secret"), Qos::at_least_once, Retain::no));
        CO_ENSURE(co_await server.publish("oem/VIN02/command", bytes("for you"), Qos::at_least_once, Retain::no));
        CO_TRY(const auto heard, co_await next<Message>(vehicle));
        EXPECT_EQ(heard.payload, "for you");
        co_return Result<void>{};
    });
    EXPECT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, VehicleCannotTakeAnothersSessionByItsClientId) {
    Broker broker(loop_, broker_settings());
    start(broker);
    Client honest = client("VIN01");
    auto settings = client_settings("VIN02");
    settings.client_id = "VIN01";
    auto thief = Client::open(loop_, settings, registry_);
    ASSERT_TRUE(thief);
    const auto done = run([&]() -> Task<void> {
        CO_ENSURE(co_await honest.publish("oem/VIN01/wake_up", bytes("1"), Qos::at_least_once, Retain::no));
        CO_ENSURE(co_await thief->publish("oem/VIN02/wake_up", bytes("2"), Qos::at_least_once, Retain::no));
        CO_ENSURE(co_await honest.publish("oem/VIN01/wake_up", bytes("3"), Qos::at_least_once, Retain::no));
        co_return Result<void>{};
    });
    EXPECT_TRUE(done) << done.error().str();
    EXPECT_TRUE(honest.connected());
    EXPECT_EQ(registry_.counter("pitstop_mqtt_connects_total", "").value(), 2U);
}

TEST_F(Mqtt, StrangersAndClassicalClientsAreRefused) {
    Broker broker(loop_, broker_settings());
    start(broker);
    auto classical = client_settings("VIN01");
    classical.tls.profile = 0;
    classical.tls.allow_classical = tls::AllowClassical::yes;
    auto forged = client_settings("VIN01");
    forged.tls.certificate_chain = papers_->path("forged", "crt");
    forged.tls.private_key = papers_->path("forged", "key");
    const auto done = run([&]() -> Task<void> {
        for (const auto& settings : {classical, forged}) {
            CO_TRY(auto refused, Client::open(loop_, settings, registry_));
            CO_TRY(const auto first, co_await refused.receive());
            const auto* why = std::get_if<Disconnected>(&first);
            EXPECT_TRUE(why != nullptr && why->reason.is(faults::connection_refused))
                << (why != nullptr ? why->reason.str() : "connected");
        }
        co_return Result<void>{};
    });
    EXPECT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, ClientRefusesABrokerThatIsCalledOtherwise) {
    auto settings = client_settings("VIN01");
    settings.host = "127.0.0.2";  // answers there as well, but its certificate does not carry this address
    auto lenient = broker_settings();
    lenient.address = "0.0.0.0";
    Broker everywhere(loop_, lenient);
    start(everywhere);
    const auto done = run([&]() -> Task<void> {
        CO_TRY(auto careful, Client::open(loop_, settings, registry_));
        CO_TRY(const auto first, co_await careful.receive());
        EXPECT_TRUE(std::holds_alternative<Disconnected>(first));
        EXPECT_FALSE(careful.connected());
        co_return Result<void>{};
    });
    EXPECT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, MessagesFlowAgainAfterTheBrokerWasKilled) {
    Broker broker(loop_, broker_settings());
    start(broker);
    Client server = client("pitstop-server"), vehicle = client("VIN01");
    const auto done = run([&]() -> Task<void> {
        loop_.spawn("broker", broker.watch());
        CO_ENSURE(co_await server.subscribe({"oem/+/wake_up"}, Qos::at_least_once));
        ::kill(*broker.process_id(), SIGKILL);
        CO_TRY(const auto lost, co_await next<Disconnected>(server));
        EXPECT_TRUE(lost.reason.is(faults::connection_lost)) << lost.reason.str();
        CO_ENSURE((co_await next<Connected>(server)).transform([](const auto&) {}));
        // Until the server has subscribed again the broker has nobody to give it to: the sender repeats, as it does in
        // the car.
        for (;;) {
            (void)co_await vehicle.publish("oem/VIN01/wake_up", bytes("back"), Qos::at_least_once, Retain::no);
            auto heard = co_await with_deadline(100ms, "the message", next<Message>(server));
            if (heard) co_return co_await broker.stop();
        }
    });
    loop_.stop();
    loop_.run();  // until the watching task is gone, which refers to the broker
    EXPECT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, PublishingIsBoundedInTimeAndNumberWhileNobodyIsThere) {
    auto settings = client_settings("VIN01");
    settings.answer_timeout = 50ms;
    settings.unconfirmed_max = 1;
    auto alone = Client::open(loop_, settings, registry_);
    ASSERT_TRUE(alone);
    const auto done = run([&]() -> Task<void> {
        const auto first = co_await alone->publish("oem/VIN01/wake_up", bytes("1"), Qos::at_least_once, Retain::no);
        EXPECT_TRUE(!first && first.error().is(faults::too_late));
        const auto second = co_await alone->publish("oem/VIN01/wake_up", bytes("2"), Qos::at_least_once, Retain::no);
        EXPECT_TRUE(!second && second.error().is(faults::outbox_full));
        co_return Result<void>{};
    });
    EXPECT_TRUE(done) << done.error().str();
}

TEST_F(Mqtt, WhoWaitsIsToldWhenTheClientIsClosed) {
    std::optional<Client> leaving(client("VIN01"));
    std::optional<Error> told;
    loop_.spawn("waits", [](Client& on, std::optional<Error>& error) -> Task<void> {
        const auto published = co_await on.publish("oem/VIN01/wake_up", bytes("1"), Qos::at_least_once, Retain::no);
        if (!published) error = published.error();
        co_return Result<void>{};
    }(*leaving, told));
    const auto done = run([&]() -> Task<void> {
        co_await pause(1ms);
        leaving.reset();
        while (!told) co_await pause(1ms);
        co_return Result<void>{};
    });
    EXPECT_TRUE(done && told->is(faults::closed)) << (told ? told->str() : "nothing");
}

TEST(Granted, LessThanAskedForIsAFault) {
    EXPECT_TRUE(check_granted(Qos::at_least_once, 1, "f", ""));
    EXPECT_TRUE(check_granted(Qos::at_most_once, 1, "f", ""));
    EXPECT_TRUE(check_granted(Qos::at_least_once, 0, "f", "").error().is(faults::granted_less));
    EXPECT_TRUE(check_granted(Qos::at_least_once, 0x87, "f", "Not authorized").error().is(faults::subscribe_refused));
}

TEST(BrokerFiles, LetVehiclesWriteOnlyWhatVehiclesSend) {
    const std::string list = access_list();
    for (const wire::CatalogueRow& row : wire::catalogue()) {
        const std::string suffix(row.suffix);
        const bool from_vehicle = row.source == wire::Entity::vehicle;
        EXPECT_NE(list.find("pattern " + std::string(from_vehicle ? "write" : "read") + " oem/%u/" + suffix + "\n"),
                  std::string::npos)
            << suffix;
    }
    EXPECT_EQ(list.find("pattern write oem/%u/command\n"), std::string::npos);
    EXPECT_EQ(list.find("readwrite"), std::string::npos);
    EXPECT_EQ(list.find("pattern write oem/#"), std::string::npos);
}

TEST(BrokerFiles, DemandCertificatesAndBoundEverything) {
    const std::string text = broker_configuration({.folder = "/f"}, "nobody");
    for (const char* line : {"require_certificate true", "allow_anonymous false", "tls_version tlsv1.3",
                             "max_packet_size ", "max_queued_bytes ", "max_connections ", "memory_limit "})
        EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace pitstop::io::mqtt
