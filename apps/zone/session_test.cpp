// Whose session an ECU behind a zone is in (docs/formats/access.md).
#include "apps/zone/running_zone_test.h"

namespace pitstop::zone {
namespace {

// Two testers at one zone; ECU_011 counts the sessions that it enters.
struct TwoTesters : testing::Test {
    TwoTesters() {
        site.join();
        EXPECT_TRUE(complete(site.loop, other.connect()));
        EXPECT_EQ(site.ask(0x0011, read_version), version_is);
    }
    Result<uds::Answer> other_asks(const Bytes& request, std::uint16_t target = 0x0011) {
        return complete(site.loop, other.ask(target, request, {.p2 = 1000ms}));
    }
    uds::Nrc refusal(const Bytes& request, std::uint16_t target = 0x0011) {
        const auto answer = other_asks(request, target);
        return answer ? answer->refusal : uds::Nrc::general_reject;
    }

    const Bytes extended{0x10, 0x03}, awake{0x3E, 0x00}, download{0x34, 0x00, 0x21, 0x00, 0x00, 0x10};
    Site site;
    io::ethernet::DoipClient other{site.loop, {.host = "127.0.0.1", .port = site.server->port(), .tester = 0x0E81}};
};

TEST_F(TwoTesters, TheSessionOfOneIsNotTheOthers) {
    ASSERT_TRUE(site.ask(0x0011, extended));
    for (const Bytes& request : {extended, download, Bytes{0x10, 0x01}})
        EXPECT_EQ(refusal(request), uds::Nrc::busy_repeat_request) << to_hex(request);
    EXPECT_EQ(other_asks(read_version)->positive, version_is);
    EXPECT_EQ(other_asks(awake)->positive, (Bytes{0x7E, 0x00}));
    EXPECT_TRUE(site.ask(0x0011, download)) << "it still has its session";
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x01}));
    EXPECT_EQ(refusal(extended), uds::Nrc::positive_response);
}

TEST_F(TwoTesters, AClosedConnectionTakesItsSessionWithIt) {
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    site.client->close();
    EXPECT_EQ(refusal(download), uds::Nrc::service_not_supported_in_active_session) << "at once: nobody is to wait";
    const std::vector wanted{uds::Session::programming, uds::Session::default_};
    EXPECT_EQ(std::vector(site.ecu->ecu.sessions.end() - 2, site.ecu->ecu.sessions.end()), wanted);
    EXPECT_EQ(refusal({0x10, 0x02}), uds::Nrc::positive_response);
}

TEST_F(TwoTesters, AnEcuThatWorksForAClosedConnectionIsBusyUntilItHasLeftTheSession) {
    site.ecu->ecu.step_takes = 100ms;
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    const Bytes erase{0x31, 0x01, 0xFF, 0x00};
    EXPECT_FALSE(site.ask(0x0011, erase, 10ms));
    site.client->close();
    EXPECT_EQ(refusal(download), uds::Nrc::busy_repeat_request);
    while (site.ecu->ecu.sessions.back() != uds::Session::default_) site.loop.context().run_one();
    EXPECT_EQ(refusal(download), uds::Nrc::service_not_supported_in_active_session);
}

TEST_F(TwoTesters, TheZonesOwnSessionHasAnOwnerToo) {
    ASSERT_TRUE(site.ask(0x0091, extended));
    EXPECT_EQ(refusal(extended, 0x0091), uds::Nrc::busy_repeat_request);
    site.client->close();
    EXPECT_EQ(refusal(extended, 0x0091), uds::Nrc::positive_response);
}

TEST_F(TwoTesters, AllOfABusHearAFunctionalRequestSoItWaitsForTheOneThatIsSomebodys) {
    ASSERT_TRUE(site.ask(0x0011, extended));
    const auto ask_all = [&](const Bytes& request) {
        return *complete(site.loop, other.ask_group(0xE400, request, 300ms, {}));
    };
    const auto refused = ask_all({0x85, 0x02});
    ASSERT_EQ(refused.size(), 2u) << "in the name of both ECUs on the bus";
    for (const auto& each : refused) EXPECT_EQ(each.answer.refusal, uds::Nrc::busy_repeat_request);
    const auto awake_ones = ask_all({0x3E, 0x00});
    EXPECT_EQ(awake_ones.front().answer.positive, (Bytes{0x7E, 0x00})) << "and all of them hear this";
}

}  // namespace
}  // namespace pitstop::zone
