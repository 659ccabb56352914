// DoIP over TLS, with our profiles; and that no tester falls back.
#include "core/doip/faults.h"
#include "io/ethernet/faults.h"
#include "io/ethernet/sample_zone_test.h"
#include "io/tls/faults.h"
#include "io/tls/handshake_in_memory.h"

#include <gtest/gtest.h>

namespace pitstop::io::ethernet {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

const Bytes read_version{0x22, 0xF1, 0x89}, version_is{0x62, 0xF1, 0x89, '1', '.', '2', '.', '3'};

struct TlsSite : Site {
    explicit TlsSite(int profile = 2, PlainDoip plain = PlainDoip::referred_to_tls)
        : Site([=](DoipServerSettings& settings) {
              settings.tls = {0, tls::settings_for(tls::Side::server, profile)};
              settings.plain = plain;
          }) {}
    [[nodiscard]] DoipPeer tls_peer(int profile = 2) const {
        return {
            .host = "127.0.0.1", .port = server->port_over_tls(), .tls = tls::settings_for(tls::Side::client, profile)};
    }
};

TEST(DoipTls, RefusesAnotherProfileAndAnUnknownCertificate) {
    TlsSite site(2);
    DoipClient other_profile(site.loop, site.tls_peer(3));
    const auto connected = complete(site.loop, other_profile.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().is(faults::tls_failed)) << connected.error().str();
    EXPECT_EQ(connected.error().remedy(), Remedy::retry);

    auto nameless = site.tls_peer();
    nameless.tls->certificate_chain.clear();
    DoipClient without_certificate(site.loop, nameless);
    EXPECT_FALSE(complete(site.loop, without_certificate.connect()));
    EXPECT_EQ(site.zone.requests, 0);
}

TEST(DoipTls, SaysWhatIsWrongWithTheCertificate) {
    Site site([](DoipServerSettings& settings) {
        settings.host = "127.0.0.2";  // which the certificate does not name
        settings.tls = {0, tls::settings_for(tls::Side::server, 2)};
    });
    DoipClient client(
        site.loop,
        {.host = "127.0.0.2", .port = site.server->port_over_tls(), .tls = tls::settings_for(tls::Side::client, 2)});
    const auto connected = complete(site.loop, client.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().detail().contains("IP address mismatch")) << connected.error().str();
}

TEST(DoipTls, RefusesSettingsThatMakeNoContext) {
    TlsSite site;
    auto peer = site.tls_peer();
    peer.tls->profile = 99;
    DoipClient client(site.loop, peer);
    EXPECT_TRUE(complete(site.loop, client.connect()).error().is(tls::faults::unknown_profile));
    auto settings = Site::settings(0);
    settings.tls = {0, {.certificate_chain = "nowhere.crt", .private_key = {}, .trust_anchors = {}}};
    EXPECT_FALSE(DoipServer::listen(site.loop, settings, site.zone));
}

TEST(DoipTls, IsDemandedOfAPlainTesterWhoGetsNoDiagnostics) {
    TlsSite site;
    RawTester tester(site);
    tester.send(doip::ActivationRequest{0x0E80}.encode(3).view());
    EXPECT_EQ(tester.receive(17)[12], 0x07);
    EXPECT_TRUE(tester.is_closed_by_server());
    DoipClient client(site.loop, site.peer());
    const auto connected = complete(site.loop, client.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().is(doip::faults::tls_required)) << connected.error().str();
    EXPECT_EQ(connected.error().remedy(), Remedy::refuse);
}

TEST(DoipTls, IsAllThatATesterWithItsSettingsSpeaks) {
    Loop loop;
    asio::ip::tcp::acceptor plain(loop.context(), {asio::ip::make_address("127.0.0.1"), 0});
    Bytes heard(5);
    std::size_t connections = 0;
    loop.spawn("plain entity", [](auto& acceptor, Bytes& first, std::size_t& count) -> Task<void> {
        while (true) {
            auto socket = co_await acceptor.async_accept(asio::use_awaitable);
            ++count;
            co_await asio::async_read(socket, asio::buffer(first), asio::use_awaitable);
            const auto refused = doip::ActivationResponse{0x0E80, 0x0091, doip::Activation::tls_required}.encode(3);
            co_await asio::async_write(socket, asio::buffer(refused.view().data(), refused.view().size()),
                                       asio::use_awaitable);
        }
    }(plain, heard, connections));
    DoipClient client(
        loop,
        {.host = "127.0.0.1", .port = plain.local_endpoint().port(), .tls = tls::settings_for(tls::Side::client, 2)});
    EXPECT_FALSE(complete(loop, client.request(0x0011, read_version)));
    EXPECT_EQ(heard[0], 0x16);  // a TLS record, no DoIP header
    EXPECT_EQ(connections, 1u);
}

TEST(DoipTls, CutsOffAHandshakeThatStops) {
    TlsSite site;
    RawTester tester(site, site.server->port_over_tls());
    tester.send(Bytes{0x16, 0x03});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(tester.is_closed_by_server());
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2900ms);
}

TEST(DoipTls, CarriesDiagnosticsInEachKindOfProfile) {
    for (const int profile : {1, 2, 3, 4, 8, 12}) {
        TlsSite site(profile);
        DoipClient client(site.loop, site.tls_peer(profile));
        EXPECT_EQ(complete(site.loop, client.request(0x0011, read_version)), version_is) << profile;
    }
}

TEST(DoipTls, AuthenticatesATesterByItsCertificate) {
    Site site([](DoipServerSettings& settings) {
        settings.tls = {0, tls::settings_for(tls::Side::server, 2)};
        settings.routing.rules.support(doip::ActivationType::central_security);
        settings.routing.rules.authenticate(doip::ActivationType::central_security);
    });
    DoipPeer peer{.host = "127.0.0.1",
                  .port = site.server->port_over_tls(),
                  .tls = tls::settings_for(tls::Side::client, 2),
                  .activation = doip::ActivationType::central_security};
    DoipClient client(site.loop, peer);
    EXPECT_EQ(complete(site.loop, client.request(0x0011, read_version)), version_is);
}

TEST(DoipTls, CarriesLargeAnswersAndServesPlainTestersWhereBothAreAllowed) {
    TlsSite site(2, PlainDoip::served);
    DoipClient secured(site.loop, site.tls_peer()), plain(site.loop, site.peer(0x0E81));
    const auto answer = complete(site.loop, secured.ask(SampleZone::large, Bytes{0x3E, 0x00}, {.p2 = 100ms}));
    EXPECT_FALSE(answer);  // 100,000 bytes that answer nothing, read all the same
    EXPECT_EQ(complete(site.loop, secured.request(0x0011, read_version)), version_is);
    EXPECT_EQ(complete(site.loop, plain.request(0x0011, read_version)), version_is);
}

}  // namespace
}  // namespace pitstop::io::ethernet
