#include "io/ethernet/doip_client.h"

#include "core/doip/faults.h"
#include "core/uds/faults.h"
#include "io/ethernet/faults.h"
#include "io/ethernet/sample_zone_test.h"

#include <gtest/gtest.h>

#include <numeric>

namespace pitstop::io::ethernet {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

const Bytes read_version{0x22, 0xF1, 0x89}, version_is{0x62, 0xF1, 0x89, '1', '.', '2', '.', '3'};
const Bytes erase{0x31, 0x01, 0xFF, 0x00};

TEST(DoipClient, SaysThatNobodyListens) {
    Loop loop;
    asio::ip::tcp::acceptor taken(loop.context(), {asio::ip::make_address("127.0.0.1"), 0});
    const auto port = taken.local_endpoint().port();
    taken.close();
    DoipClient client(loop, {.host = "127.0.0.1", .port = port});
    const auto connected = complete(loop, client.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().is(faults::connect_failed)) << connected.error().str();
}

TEST(DoipClient, GivesUpOnAnEntityThatDoesNotActivate) {
    Loop loop;
    asio::ip::tcp::acceptor mute(loop.context(), {asio::ip::make_address("127.0.0.1"), 0});
    DoipClient client(loop, {.host = "127.0.0.1", .port = mute.local_endpoint().port(), .connect_limit = 50ms});
    const auto connected = complete(loop, client.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().is(faults::connect_failed)) << connected.error().str();
    EXPECT_EQ(connected.error().remedy(), Remedy::retry);
}

TEST(DoipClient, RecognisesAServerOfAnotherKind) {
    Loop loop;
    asio::ip::tcp::acceptor web(loop.context(), {asio::ip::make_address("127.0.0.1"), 0});
    loop.spawn("web", [](asio::ip::tcp::acceptor& acceptor) -> Task<void> {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer("HTTP/1.1 400 Bad Request\r\n\r\n"), asio::use_awaitable);
        co_return Result<void>{};
    }(web));
    DoipClient client(loop, {.host = "127.0.0.1", .port = web.local_endpoint().port()});
    const auto connected = complete(loop, client.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().is(doip::faults::not_doip)) << connected.error().str();
}

TEST(DoipClient, SaysThatAnEcuIsUnknownSilentOrUnwilling) {
    Site site;
    DoipClient client(site.loop, site.peer());
    const auto ask = [&](std::uint16_t target, const Bytes& request) {
        return complete(site.loop, client.request(target, request, {.p2 = 50ms}));
    };
    EXPECT_TRUE(ask(0x0099, read_version).error().is(doip::faults::unknown_target));
    EXPECT_TRUE(ask(SampleZone::silent, read_version).error().is(uds::faults::no_answer));
    const Bytes download{0x34, 0x00, 0x11, 0x00, 0x01};
    const auto refused = ask(0x0011, download);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(uds::faults::refused));
    EXPECT_NE(refused.error().detail().find("serviceNotSupportedInActiveSession"), std::string_view::npos);
    EXPECT_TRUE(client.connected());
}

TEST(DoipClient, RefusesASecondTesterWithTheSameAddress) {
    Site site;
    DoipClient first(site.loop, site.peer()), second(site.loop, site.peer());
    ASSERT_TRUE(complete(site.loop, first.connect()));
    const auto connected = complete(site.loop, second.connect());
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().is(doip::faults::entity_busy)) << connected.error().str();
    EXPECT_EQ(complete(site.loop, first.request(0x0011, read_version)), version_is);
}

TEST(DoipClient, GetsTheAnswerOfAnEcu) {
    Site site;
    DoipClient client(site.loop, site.peer());
    EXPECT_EQ(complete(site.loop, client.request(0x0011, read_version)), version_is);
    const Bytes download{0x34, 0x00, 0x11, 0x00, 0x01};
    const auto answer = complete(site.loop, client.ask(0x0011, download, {}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->refusal, uds::Nrc::service_not_supported_in_active_session);
}

TEST(DoipClient, DoesNotWaitForAnAnswerThatItSuppressed) {
    Site site;
    DoipClient client(site.loop, site.peer());
    const Bytes extended{0x10, 0x83};
    EXPECT_EQ(complete(site.loop, client.request(0x0011, extended, {.p2 = 10s})), Bytes{});
    EXPECT_EQ(complete(site.loop, client.request(0x0011, read_version)), version_is);
    EXPECT_EQ(site.zone.ecus.at(0x0011).server.session(), uds::Session::extended);
}

TEST(DoipClient, WaitsForLongWorkWhileOtherEcusAnswer) {
    Site site;
    site.zone.ecus.at(0x0011).ecu.step_takes = 60ms;
    DoipClient client(site.loop, site.peer());
    std::vector<int> order;
    const auto ask = [&](int name, std::uint16_t target, Bytes request) -> Task<void> {
        CO_ENSURE(co_await client.request(target, request, {.p2 = 150ms}));
        order.push_back(name);
        co_return Result<void>{};
    };
    site.loop.spawn("second ECU", ask(2, 0x0012, read_version));
    site.loop.spawn("silent ECU", ask(3, SampleZone::silent, read_version));
    EXPECT_TRUE(complete(site.loop, ask(1, 0x0011, erase)));
    EXPECT_EQ(order, (std::vector{2, 1}));
}

TEST(DoipClient, LetsRequestsToOneEcuTakeTurns) {
    Site site;
    site.zone.ecus.at(0x0011).ecu.step_takes = 5ms;
    DoipClient client(site.loop, site.peer());
    int refused = 0, answered = 0;
    const auto ask = [&]() -> Task<void> {
        CO_TRY(auto answer, co_await client.ask(0x0011, erase, {}));
        ++(answer.refused() ? refused : answered);
        co_return Result<void>{};
    };
    site.loop.spawn("one", ask());
    site.loop.spawn("two", ask());
    EXPECT_TRUE(complete(site.loop, ask()));
    EXPECT_TRUE(complete(site.loop, client.request(0x0011, read_version)));
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(answered, 3);
}

TEST(DoipClient, ConnectsAgainAfterTheEntityRestarted) {
    Site site;
    DoipClient client(site.loop, site.peer());
    EXPECT_TRUE(complete(site.loop, client.request(0x0011, read_version)));
    const auto port = site.server->port();
    auto waiting = [&]() -> Task<Bytes> { return client.request(SampleZone::silent, read_version, {.p2 = 10s}); };
    asio::post(site.loop.context(), [&] { asio::post(site.loop.context(), [&] { site.server.reset(); }); });
    const auto lost = complete(site.loop, waiting());
    ASSERT_FALSE(lost);
    EXPECT_TRUE(lost.error().is(faults::connection_lost) || lost.error().is(faults::connect_failed))
        << lost.error().str();
    EXPECT_FALSE(client.connected());
    site.open(port);
    EXPECT_EQ(complete(site.loop, client.request(0x0011, read_version)), version_is);
}

TEST(DoipClient, TransfersLargeBlocksWhole) {
    Site site;
    auto& ecu = site.zone.ecus.at(0x0011).ecu;
    ecu.download_bytes_max = 1 << 23;
    ecu.block_bytes = 65'535;
    DoipClient client(site.loop, site.peer());
    Bytes image(5'000'000);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
    const auto transfer = [&]() -> Task<void> {
        const Bytes programming{0x10, 0x02}, exit{0x37};
        Bytes download{0x34, 0x00, 0x41, 0x00, 0, 0, 0, 0};
        store_be(&download[4], static_cast<std::uint32_t>(image.size()));
        CO_ENSURE(co_await client.request(0x0011, programming));
        CO_ENSURE(co_await client.request(0x0011, download));
        Bytes block;
        for (std::size_t at = 0, count = 1; at < image.size(); at += block.size() - 2, ++count) {
            const std::size_t size = std::min<std::size_t>(65'533, image.size() - at);
            block.assign({0x36, static_cast<std::uint8_t>(count)});
            block.insert(block.end(), image.begin() + static_cast<std::ptrdiff_t>(at),
                         image.begin() + static_cast<std::ptrdiff_t>(at + size));
            CO_ENSURE(co_await client.request(0x0011, block));
        }
        CO_ENSURE(co_await client.request(0x0011, exit));
        co_return Result<void>{};
    };
    const auto done = complete(site.loop, transfer());
    ASSERT_TRUE(done) << done.error().str();
    EXPECT_EQ(ecu.memory, image);
}

}  // namespace
}  // namespace pitstop::io::ethernet
