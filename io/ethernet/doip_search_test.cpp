// Discovery as testers see it: searching, asking, hearing announcements; IPv4 and IPv6.
#include "io/ethernet/doip_search.h"

#include "core/doip/faults.h"
#include "io/ethernet/faults.h"
#include "io/ethernet/sample_zone_test.h"
#include "io/tls/handshake_in_memory.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/udp.hpp>

namespace pitstop::io::ethernet {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::udp;

TEST(DoipSearch, SaysThatNobodyAnswers) {
    Loop loop;
    udp::socket free(loop.context(), udp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    const DoipSearch nobody{.to = "127.0.0.1", .port = free.local_endpoint().port(), .limit = 50ms};
    EXPECT_EQ(complete(loop, find_entities(loop, nobody))->size(), 0u);
    EXPECT_TRUE(complete(loop, ask_status(loop, nobody)).error().is(faults::no_answer));
    EXPECT_TRUE(complete(loop, ask_power_mode(loop, nobody)).error().is(faults::no_answer));
    EXPECT_TRUE(complete(loop, find_entities(loop, {.to = "the car"})).error().is(faults::bad_address));
}

TEST(DoipSearch, FindsTheOneWhoIsMeant) {
    Site site;
    DoipSearch search{.to = "127.0.0.1", .port = site.server->port(), .limit = 80ms};
    const auto found_with = [&](const doip::Packet& request) {
        search.request = request;
        return complete(site.loop, find_entities(site.loop, search))->size();
    };
    const auto here = Site::settings(0).identity;
    EXPECT_EQ(found_with(doip::identification_request(doip::Identity::of("PITSTOP0000000002", 0).vin)), 0u);
    EXPECT_EQ(found_with(doip::identification_request(std::array<std::uint8_t, 6>{9, 9, 9, 9, 9, 9})), 0u);
    EXPECT_EQ(found_with(doip::identification_request(here.vin)), 1u);
    EXPECT_EQ(found_with(doip::identification_request(here.eid)), 1u);
    EXPECT_EQ(found_with(doip::identification_request()), 1u);
}

TEST(DoipSearch, AsksAnEntityHowItIs) {
    Site site;
    DoipClient client(site.loop, site.peer());
    ASSERT_TRUE(complete(site.loop, client.connect()));
    const DoipSearch at{.to = "127.0.0.1", .port = site.server->port()};
    const auto status = complete(site.loop, ask_status(site.loop, at));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->node_type, 0x01);
    EXPECT_EQ(status->sockets_max, 2);
    EXPECT_EQ(status->sockets_open, 1);
    EXPECT_EQ(status->data_size_bytes_max, doip::data_size_bytes_max);
    EXPECT_EQ(complete(site.loop, ask_power_mode(site.loop, at)), doip::PowerMode::ready);
}

TEST(DoipServer, SaysHowLongARequestItTakesAsItsTargetDoes) {
    Site site([](DoipServerSettings& settings) { settings.request_bytes_max = 65'538; });
    const DoipSearch at{.to = "127.0.0.1", .port = site.server->port()};
    EXPECT_EQ(complete(site.loop, ask_status(site.loop, at))->data_size_bytes_max, 65'542u) << "with both addresses";
}

TEST(DoipServer, RefusesTheHeaderOfWhatIsLongerThanItSays) {
    Site site([](DoipServerSettings& settings) { settings.request_bytes_max = 100; });
    RawTester tester(site);
    tester.send(*from_hex("02fd8001000000690e800011" + std::string(2 * 101, '0')));
    EXPECT_EQ(tester.receive(9), *from_hex("02fd00000000000102"));
}

TEST(DoipServer, AsksForCentralSecurityWhereItIsOfferedAndNotForTls) {
    const auto further_action = [](Site& site) {
        const DoipSearch at{.to = "127.0.0.1", .port = site.server->port(), .limit = 80ms};
        return complete(site.loop, find_entities(site.loop, at))->at(0).announcement.further_action;
    };
    Site with_tls([](DoipServerSettings& settings) {
        settings.tls = {0, tls::settings_for(tls::Side::server, 2)};
        settings.plain = PlainDoip::referred_to_tls;
    });
    EXPECT_EQ(further_action(with_tls), doip::FurtherAction::none);
    Site central(
        [](DoipServerSettings& settings) { settings.routing.rules.support(doip::ActivationType::central_security); });
    EXPECT_EQ(further_action(central), doip::FurtherAction::central_security);
}

TEST(DoipSearch, FindsAllWhoListenToABroadcast) {
    Site site;
    auto settings = Site::settings(site.server->port());
    settings.host = "127.0.0.2";
    settings.identity.address = 0x0092;
    const auto other = DoipServer::listen(site.loop, settings, site.zone);
    ASSERT_TRUE(other) << other.error().str();
    const DoipSearch everybody{.to = "127.255.255.255", .port = site.server->port(), .limit = 200ms};
    const auto found = complete(site.loop, find_entities(site.loop, everybody));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_NE(found->at(0).host, found->at(1).host);
}

// Whom a server that is started in this loop announces itself to.
struct Listener {
    explicit Listener(Loop& on_loop) : loop(on_loop) {
        settings.announcing = {"127.0.0.1", socket.local_endpoint().port()};
    }
    // When each announcement came, until there was silence.
    std::vector<Tick> hear() {
        std::vector<Tick> heard;
        const auto heard_all = complete(loop, [&]() -> Task<void> {
            while (heard.size() < 4) {
                std::array<std::uint8_t, 128> storage{};
                udp::endpoint from;
                const auto [code, size] = co_await socket.async_receive_from(
                    asio::buffer(storage), from, asio::cancel_after(800ms, asio::as_tuple(asio::use_awaitable)));
                if (code) break;
                EXPECT_EQ(doip::read_announcement(View(storage).first(size))->identity.address, 0x0091);
                heard.push_back(loop.now());
            }
            co_return Result<void>{};
        }());
        EXPECT_TRUE(heard_all);
        return heard;
    }

    Loop& loop;
    udp::socket socket{loop.context(), udp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    DoipServerSettings settings = Site::settings(0);
};

TEST(DoipServer, IsMuteWhileItsEcuRestartsAndThenAnnouncesItselfAnew) {
    Site site;
    Listener listener(site.loop);
    const auto server = DoipServer::listen(site.loop, listener.settings, site.zone);
    ASSERT_TRUE(server);
    const DoipSearch search{.to = "127.0.0.1", .port = (*server)->port(), .limit = 80ms};
    RawTester before(site, (*server)->port());
    before.send(doip::ActivationRequest{0x0E80}.encode(3).view());
    EXPECT_EQ(before.receive(17)[12], 0x10);

    (*server)->pause();
    EXPECT_TRUE(before.is_closed_by_server());
    EXPECT_EQ(complete(site.loop, find_entities(site.loop, search))->size(), 0u);
    RawTester meanwhile(site, (*server)->port());
    EXPECT_TRUE(meanwhile.is_closed_by_server());
    EXPECT_EQ(listener.hear().size(), 0u) << "what was to be announced at the start, too";

    (*server)->resume();
    EXPECT_EQ(listener.hear().size(), 3u);
    EXPECT_EQ(complete(site.loop, find_entities(site.loop, search))->size(), 1u);
    RawTester after(site, (*server)->port());
    after.send(doip::ActivationRequest{0x0E80}.encode(3).view());
    EXPECT_EQ(after.receive(17)[12], 0x10);
}

TEST(DoipServer, AnnouncesItselfOnceForSeveralRestartsInARow) {
    Site site;
    Listener listener(site.loop);
    const auto server = DoipServer::listen(site.loop, listener.settings, site.zone);
    ASSERT_TRUE(server);
    for (int i = 0; i < 3; ++i) {
        (*server)->pause();
        (*server)->resume();
    }
    EXPECT_EQ(listener.hear().size(), 3u);
}

TEST(DoipServer, AnnouncesItselfThreeTimesHalfASecondApart) {
    Loop loop;
    SampleZone zone(loop);
    Listener listener(loop);
    const auto start = loop.now();
    const auto server = DoipServer::listen(loop, listener.settings, zone);
    ASSERT_TRUE(server);
    const std::vector<Tick> heard = listener.hear();
    ASSERT_EQ(heard.size(), 3u);
    EXPECT_LT(heard[0] - start, 700ms);
    EXPECT_GE(heard[1] - heard[0], 450ms);
    EXPECT_GE(heard[2] - heard[1], 450ms);
}

TEST(DoipServer, RefusesToAnnounceItselfToNoAddress) {
    Site site;
    auto settings = Site::settings(0);
    settings.announcing = {"everybody"};
    EXPECT_TRUE(DoipServer::listen(site.loop, settings, site.zone).error().is(faults::bad_address));
}

TEST(DoipServer, SpeaksIpv6) {
    Site site;
    auto settings = Site::settings(0);
    settings.host = "::1";
    const auto server = DoipServer::listen(site.loop, settings, site.zone);
    if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().str();
    DoipClient client(site.loop, {.host = "::1", .port = (*server)->port()});
    EXPECT_TRUE(complete(site.loop, client.request(0x0011, View(Bytes{0x22, 0xF1, 0x89}))));
    const auto found =
        complete(site.loop, find_entities(site.loop, {.to = "::1", .port = (*server)->port(), .limit = 80ms}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 1u);
}

TEST(DoipServer, HearsWhatIsAskedOfAllIpv6Nodes) {
    Site site;
    auto settings = Site::settings(0);
    settings.host = "::1";
    const auto server = DoipServer::listen(site.loop, settings, site.zone);
    if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().str();
    const auto found =
        complete(site.loop, find_entities(site.loop, {.to = "ff02::1%lo", .port = (*server)->port(), .limit = 150ms}));
    if (!found) GTEST_SKIP() << "no multicast on loopback here: " << found.error().str();
    EXPECT_EQ(found->size(), 1u);
}

TEST(DoipClient, GathersWhatEachEcuOfAGroupAnswers) {
    Site site;
    DoipClient client(site.loop, site.peer());
    const auto answers = complete(site.loop, client.ask_group(SampleZone::group, Bytes{0x22, 0xF1, 0x89}, 100ms, {}));
    ASSERT_TRUE(answers) << answers.error().str();
    ASSERT_EQ(answers->size(), 2u);
    EXPECT_EQ(answers->at(0).ecu, 0x0011);
    EXPECT_EQ(answers->at(1).answer.positive.size(), 8u);
    EXPECT_EQ(complete(site.loop, client.ask_group(SampleZone::group, Bytes{0x3E, 0x80}, 20ms, {}))->size(), 0u);
}

TEST(DoipClient, NoticesThatNothingIsAcknowledged) {
    Loop loop;
    asio::ip::tcp::acceptor entity(loop.context(), {asio::ip::make_address("127.0.0.1"), 0});
    loop.spawn("entity that only activates", [](auto& acceptor) -> Task<void> {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        Bytes request(15);
        co_await asio::async_read(socket, asio::buffer(request), asio::use_awaitable);
        const auto activated = doip::ActivationResponse{0x0E80, 0x0091, doip::Activation::activated}.encode(3);
        co_await asio::async_write(socket, asio::buffer(activated.view().data(), activated.view().size()),
                                   asio::use_awaitable);
        co_await pause(10s);
        co_return Result<void>{};
    }(entity));
    DoipClient client(loop, {.host = "127.0.0.1", .port = entity.local_endpoint().port()});
    const auto answer = complete(loop, client.request(0x0011, View(Bytes{0x3E, 0x00}), {.p2 = 50ms}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), "doip.not-acknowledged") << answer.error().str();
}

}  // namespace
}  // namespace pitstop::io::ethernet
