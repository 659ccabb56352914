// The socket table, and what routing activation depends on: other testers, authentication, confirmation.
#include "io/ethernet/doip_sockets.h"

#include "io/ethernet/sample_zone_test.h"

#include <gtest/gtest.h>

namespace pitstop::io::ethernet {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t answer_bytes = 17;
constexpr std::uint8_t activated = 0x10, confirmation_required = 0x11, authentication_missing = 0x04;

Bytes activation_of(std::uint16_t source, doip::ActivationType type = doip::ActivationType::default_) {
    const auto packet = doip::ActivationRequest{source, type}.encode(doip::version_2019);
    return {packet.view().begin(), packet.view().end()};
}

std::uint8_t activate(RawTester& tester, std::uint16_t source) {
    tester.send(activation_of(source));
    const Bytes answer = tester.receive(answer_bytes);
    return answer.size() == answer_bytes ? answer[12] : 0xFF;
}

TEST(DoipSockets, GiveTheDeadTestersSocketToANewcomerWhenAllAreTaken) {
    Site site;
    RawTester silent(site), alive(site), newcomer(site);
    ASSERT_EQ(activate(silent, 0x0E81), activated);
    ASSERT_EQ(activate(alive, 0x0E82), activated);
    newcomer.send(activation_of(0x0E83));
    EXPECT_EQ(alive.receive(8), *from_hex("03fc000700000000"));  // all are asked
    alive.send(doip::alive_check_response(3, 0x0E82).view());
    EXPECT_EQ(newcomer.receive(answer_bytes)[12], activated);
    EXPECT_EQ(silent.receive(8), *from_hex("03fc000700000000"));
    EXPECT_TRUE(silent.is_closed_by_server());
}

TEST(DoipSockets, LetHalfOpenConnectionsLockNobodyOut) {
    Site site;
    std::vector<std::unique_ptr<RawTester>> crowd;
    for (std::size_t i = 0; i < DoipSockets::spare * 3; ++i) {
        crowd.push_back(std::make_unique<RawTester>(site));
        site.loop.context().poll();
    }
    RawTester honest(site);
    EXPECT_EQ(activate(honest, 0x0E80), activated);
    EXPECT_TRUE(crowd.front()->is_closed_by_server());  // the oldest made room
}

TEST(DoipSockets, CloseAConnectionThatActivatesNothing) {
    Site site;
    RawTester idle(site);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(idle.is_closed_by_server());
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GT(took, 1800ms);
    EXPECT_LT(took, 2800ms);
}

TEST(DoipSockets, RouteOnlyAfterSomebodyInTheVehicleHasConfirmed) {
    Site site([](DoipServerSettings& settings) { settings.routing.rules.confirm(doip::ActivationType::default_); });
    RawTester tester(site);
    EXPECT_EQ(activate(tester, 0x0E80), confirmation_required);
    site.server->confirm(doip::Confirmation::given);
    EXPECT_EQ(tester.receive(answer_bytes)[12], activated);

    RawTester other(site);
    EXPECT_EQ(activate(other, 0x0E81), confirmation_required);
    site.server->confirm(doip::Confirmation::rejected);
    EXPECT_EQ(other.receive(answer_bytes)[12], 0x05);
    EXPECT_TRUE(other.is_closed_by_server());
}

TEST(DoipSockets, ConfirmThemselvesWhereTheSettingsSaySo) {
    Site site([](DoipServerSettings& settings) {
        settings.routing.rules.confirm(doip::ActivationType::default_);
        settings.routing.confirms_after = 30ms;
    });
    DoipClient client(site.loop, site.peer());
    EXPECT_TRUE(complete(site.loop, client.request(0x0011, View(Bytes{0x3E, 0x00}))));
}

TEST(DoipSockets, KeepTheSocketOfATesterThatMustAuthenticateItself) {
    Site site(
        [](DoipServerSettings& settings) { settings.routing.rules.authenticate(doip::ActivationType::default_); });
    RawTester tester(site);
    EXPECT_EQ(activate(tester, 0x0E80), authentication_missing);
    EXPECT_EQ(activate(tester, 0x0E80), authentication_missing);
}

TEST(DoipSockets, AskAPolicyOfTheProgramInsteadOfTheSettings) {
    struct NotToday final : doip::RoutingPolicy {
        bool supports(doip::ActivationType) override { return true; }
        doip::Authentication authentication(const doip::Applicant&) override { return doip::Authentication::given; }
        doip::Confirmation confirmation(const doip::Applicant&) override { return doip::Confirmation::rejected; }
    } policy;
    Site site;
    const auto server = DoipServer::listen(site.loop, Site::settings(0), site.zone, &policy);
    ASSERT_TRUE(server);
    DoipClient client(site.loop, {.host = "127.0.0.1", .port = (*server)->port()});
    const auto connected = complete(site.loop, client.connect());
    ASSERT_FALSE(connected);
    EXPECT_NE(connected.error().detail().find("0x05"), std::string_view::npos) << connected.error().str();
}

}  // namespace
}  // namespace pitstop::io::ethernet
