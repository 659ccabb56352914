#include "io/ethernet/doip_server.h"

#include "core/doip/discovery.h"
#include "io/ethernet/faults.h"
#include "io/ethernet/sample_zone_test.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>

namespace pitstop::io::ethernet {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

Bytes diagnostic(std::uint16_t target, const Bytes& uds) {
    const auto prefix = doip::diagnostic_prefix(doip::version_2012, 0x0E80, target, uds.size());
    Bytes bytes(prefix.begin(), prefix.end());
    bytes.insert(bytes.end(), uds.begin(), uds.end());
    return bytes;
}

const auto activation = doip::ActivationRequest{0x0E80}.encode(doip::version_2012);
constexpr std::size_t activation_answer_bytes = 17, nack_bytes = 9, ack_bytes = 13;

TEST(DoipServer, SaysWhichPortIsTaken) {
    Site site;
    const auto second = DoipServer::listen(site.loop, Site::settings(site.server->port()), site.zone);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(faults::listen_failed));
    EXPECT_EQ(second.error().remedy(), Remedy::stop);
    EXPECT_NE(second.error().detail().find(std::to_string(site.server->port())), std::string_view::npos);
}

TEST(DoipServer, RefusesAHostThatIsNoAddress) {
    Site site;
    auto settings = Site::settings(0);
    settings.host = "zone.local";
    EXPECT_TRUE(DoipServer::listen(site.loop, settings, site.zone).error().is(faults::bad_address));
}

TEST(DoipServer, ClosesAfterAMessageBeforeTheActivation) {
    Site site;
    RawTester tester(site);
    tester.send(diagnostic(0x0011, {0x22, 0xF1, 0x90}));
    EXPECT_EQ(tester.receive(ack_bytes), *from_hex("02fd80030000000500110e8002"));
    EXPECT_TRUE(tester.is_closed_by_server());
    EXPECT_EQ(site.zone.requests, 0);
}

TEST(DoipServer, ClosesAfterBytesThatAreNotDoip) {
    Site site;
    RawTester tester(site);
    tester.send(view_of("GET / HTTP/1.1\r\nHost: car\r\n\r\n"));
    EXPECT_EQ(tester.receive(nack_bytes).back(), 0x00);
    EXPECT_TRUE(tester.is_closed_by_server());
}

TEST(DoipServer, SkipsAMessageThatIsTooLargeAndGoesOn) {
    Site site;
    RawTester tester(site);
    Bytes stream = *from_hex("02fd800100030000");  // 196608 bytes
    stream.resize(stream.size() + 0x30000);
    stream.insert(stream.end(), activation.view().begin(), activation.view().end());
    tester.send(stream);
    EXPECT_EQ(tester.receive(nack_bytes).back(), 0x02);
    EXPECT_EQ(tester.receive(activation_answer_bytes)[12], 0x10);
}

TEST(DoipServer, GivesTheAddressToANewcomerWhenItsHolderNoLongerAnswers) {
    Site site;
    RawTester dead(site);
    dead.send(activation.view());
    EXPECT_EQ(dead.receive(activation_answer_bytes)[12], 0x10);
    DoipClient client(site.loop, site.peer());
    const auto connected = complete(site.loop, client.connect());  // the dead one is asked and has half a second
    EXPECT_TRUE(connected);
    EXPECT_EQ(dead.receive(8), *from_hex("02fd000700000000"));
    EXPECT_TRUE(dead.is_closed_by_server());
}

TEST(DoipServer, TellsOneTesterTooManyThatNoSocketIsLeft) {
    Site site;
    DoipClient one(site.loop, site.peer(0x0E81)), two(site.loop, site.peer(0x0E82));
    ASSERT_TRUE(complete(site.loop, one.connect()));
    ASSERT_TRUE(complete(site.loop, two.connect()));
    RawTester third(site);
    third.send(activation.view());
    EXPECT_EQ(third.receive(activation_answer_bytes)[12], 0x01);
    EXPECT_TRUE(third.is_closed_by_server());
}

TEST(DoipServer, CutsOffATesterThatDoesNotRead) {
    Site site;
    RawTester tester(site);
    tester.send(activation.view());
    tester.receive(activation_answer_bytes);
    const Bytes request = diagnostic(SampleZone::large, {0x22, 0xF1, 0x90});
    for (int i = 0; i < 200; ++i) tester.send(request);  // asks for 20 MB
    const auto received = tester.receive(30'000'000).size();
    EXPECT_LT(received, 20'000'000u);
}

TEST(DoipServer, AcknowledgesBeforeTheEcuAnswers) {
    Site site;
    RawTester tester(site);
    tester.send(activation.view());
    EXPECT_EQ(tester.receive(activation_answer_bytes), *from_hex("02fd0006000000090e8000911000000000"));
    tester.send(diagnostic(0x0011, {0x3E, 0x00}));
    EXPECT_EQ(tester.receive(ack_bytes), *from_hex("02fd80020000000500110e8000"));
    EXPECT_EQ(tester.receive(14), *from_hex("02fd80010000000600110e807e00"));
}

TEST(DoipServer, AnswersARequestThatCameInPieces) {
    Site site;
    RawTester tester(site);
    Bytes stream(activation.view().begin(), activation.view().end());
    const Bytes alive = diagnostic(0x0011, {0x3E, 0x00});
    stream.insert(stream.end(), alive.begin(), alive.end());
    for (const std::uint8_t byte : stream) {
        tester.send({&byte, 1});
        site.loop.context().poll();
    }
    EXPECT_EQ(tester.receive(activation_answer_bytes + ack_bytes + 14).back(), 0x00);
}

TEST(DoipServer, SendsWhatWasSaidBeforeItClosesItsConnections) {
    Site site;
    RawTester tester(site);
    tester.send(activation.view());
    tester.receive(activation_answer_bytes);
    tester.send(diagnostic(0x0011, {0x11, 0x01}));
    site.zone.ecus.at(0x0011).driver.when_idle([&] { site.server->pause(); });
    EXPECT_EQ(tester.receive(ack_bytes + 14), *from_hex("02fd80020000000500110e800002fd80010000000600110e805101"));
    EXPECT_TRUE(tester.is_closed_by_server());
}

TEST(DoipServer, AnswersDiscovery) {
    Site site;
    asio::ip::udp::socket socket(site.loop.context(), asio::ip::udp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    const auto request = doip::identification_request(doip::version_any);
    std::array<std::uint8_t, 128> storage{};
    const auto size_bytes = complete(site.loop, [&]() -> Task<std::size_t> {
        const asio::ip::udp::endpoint to(asio::ip::make_address("127.0.0.1"), site.server->port());
        co_await socket.async_send_to(asio::buffer(request.view().data(), request.view().size()), to,
                                      asio::use_awaitable);
        asio::ip::udp::endpoint sender;
        co_return co_await socket.async_receive_from(asio::buffer(storage), sender,
                                                     asio::cancel_after(3s, asio::use_awaitable));
    }());
    ASSERT_TRUE(size_bytes);
    const auto announcement = doip::read_announcement(View(storage).first(*size_bytes));
    ASSERT_TRUE(announcement);
    EXPECT_EQ(announcement->identity.address, 0x0091);
}

}  // namespace
}  // namespace pitstop::io::ethernet
