#include "apps/gateway/gateway.h"
#include "apps/gateway/cloud.h"
#include "apps/gateway/conditions.h"
#include "apps/gateway/consent.h"
#include "apps/gateway/faults.h"
#include "apps/gateway/settings.h"
#include "apps/gateway/test_site.h"
#include "core/update/faults.h"
#include "io/config/faults.h"

namespace pitstop::gateway {
namespace {

using test::Folder;

std::string sample() {
    std::ifstream file("config/gateway.yaml");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Settings, TheSampleIsComplete) {
    const Folder folder;
    const auto settings = Settings::from_file(folder.write("gateway.yaml", view_of(sample())));
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_EQ(settings->vehicle.ecus.size(), 2u);
    EXPECT_EQ(settings->vehicle.route_to(*EcuId::parse("ECU_011"))->via, *EcuId::parse("ECU_091"));
    EXPECT_EQ(settings->server.tls.profile, 2);
    EXPECT_EQ(settings->consent, update::Consent::automatic);
    EXPECT_EQ(settings->credential->filename(), "WPTSTP00000000001-gateway");
}

TEST(Settings, AZonalGatewayWithAHardwareIdIsOneOfTheEcus) {
    const Folder folder;
    const auto settings = Settings::from_file(folder.write(
        "gateway.yaml", view_of(replaced(sample(), "gateway: ECU_091,", "gateway: ECU_091, hardware_id: zgw-1,"))));
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_EQ(settings->vehicle.ecus.size(), 3u);
    EXPECT_EQ(settings->vehicle.route_to(*EcuId::parse("ECU_091"))->host, "127.0.0.91");
}

TEST(Settings, RefusesUnknownKeysAndACarThatContradictsItself) {
    const Folder folder;
    const auto with = [&](std::string_view from, std::string_view to) {
        return Settings::from_file(folder.write("gateway.yaml", view_of(replaced(sample(), from, to))));
    };
    EXPECT_TRUE(with("consent: automatic", "consend: automatic").error().is(io::config::faults::unknown_key));
    EXPECT_TRUE(with("consent: automatic", "consent: maybe").error().is(io::config::faults::out_of_range));
    EXPECT_TRUE(with("bus: body-can", "bus: other-can").error().is(io::config::faults::out_of_range));
    EXPECT_TRUE(with("id: ECU_012", "id: ECU_011").error().is(io::config::faults::out_of_range));
}

TEST(Conditions, FollowTheFileAtEveryQuestion) {
    const Folder folder;
    const auto file = folder.write("conditions.yaml", view_of("battery_percent: 80\n"));
    const Conditions conditions({file, {}, folder.path()});
    EXPECT_TRUE(conditions.judge(1, {}).ready);
    const std::vector<std::string> of_ecus{"ECU_011 is not ready: flash.not-ready"};
    const vehicle::Readiness held_up = conditions.judge(1, of_ecus);
    EXPECT_FALSE(held_up.ready);
    EXPECT_EQ(held_up.reasons, of_ecus);
    EXPECT_EQ(held_up.retry_after_s, vehicle::ReadinessPolicy{}.retry_after_s);
    folder.write("conditions.yaml", view_of("battery_percent: 10\nignition: on\n"));
    EXPECT_EQ(conditions.judge(1, {}).reasons.size(), 2u);
    folder.write("conditions.yaml", view_of("battery: 80\n"));
    const vehicle::Readiness unknown = conditions.judge(1, {});
    EXPECT_FALSE(unknown.ready) << "what cannot be read speaks against updating";
    EXPECT_NE(unknown.reasons.at(0).find(faults::conditions_unknown.code), std::string::npos);
    EXPECT_FALSE(conditions.judge(UINT64_MAX, {}).ready);
    EXPECT_TRUE(Conditions({{}, {}, folder.path()}).judge(1, {}).ready);
}

TEST(Consent, TakesTheDriversAnswerOnce) {
    const Folder folder;
    const ConsentDesk desk(folder.path());
    EXPECT_FALSE(desk.take_answer());
    folder.write("answer", view_of("later 600\n"));
    const auto answer = desk.take_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->answer, campaign::Answer::later);
    EXPECT_EQ(answer->retry_after_s, 600u);
    EXPECT_FALSE(desk.take_answer());
    for (const char* bad : {"", "yes", "later", "later 0", "later -5", "later 99999999", "later 5 days"})
        EXPECT_FALSE(parse_answer(bad)) << bad;
    EXPECT_EQ(parse_answer("accept")->answer, campaign::Answer::accept);
    EXPECT_EQ(parse_answer("decline\n")->answer, campaign::Answer::decline);
}

TEST(Cloud, UnderstandsWhatConcernsTheUpdateAndNothingElse) {
    const CampaignId ota_1 = *CampaignId::parse("OTA-1");
    const wire::MessageId id = wire::MessageId::derived(view_of("x"));
    EXPECT_TRUE(std::holds_alternative<update::CancelReceived>(*event_of(wire::cancel_campaign(ota_1))));
    EXPECT_FALSE(event_of(wire::Command{"open_doors", {}}));
    EXPECT_EQ(std::get<update::Acknowledged>(*event_of(wire::CommandAck{id})).id, id);
    EXPECT_EQ(std::get<update::Acknowledged>(*event_of(wire::ErrorMessage{id, "wire.bad-payload", ""})).id, id)
        << "what the server refuses for good is not said for ever";
    EXPECT_FALSE(event_of(wire::ErrorMessage{std::nullopt, "x", ""}));
    EXPECT_FALSE(event_of(wire::DiagnosticRequest{}));
}

TEST(State, BeginsFreshAndRefusesToForget) {
    const Folder folder;
    const UtcTime now{1'800'000'000};
    EXPECT_EQ(load_state(folder / "state.json", now), update::State::fresh(now));
    folder.write("state.json", view_of("{\"half\":"));
    EXPECT_TRUE(load_state(folder / "state.json", now).error().is(update::faults::bad_state));
}

}  // namespace
}  // namespace pitstop::gateway
