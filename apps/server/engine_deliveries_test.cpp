// A vehicle whose update comes as a delta: held until it is made, directed, and given the full image when its ECU
// cannot open it.
#include "apps/server/faults.h"
#include "apps/server/two_releases_on_the_desk.h"

namespace pitstop::server {
namespace {

using campaign::Phase;
using desk::autumn, desk::spring;

class EngineDeliveries : public desk::TwoReleases {
protected:
    const desk::Release first = desk::release(autumn, 0, old_image), second = desk::release(spring, 1, new_image);
    std::uint8_t next_id_ = 1;

    void SetUp() override {
        hand_in(first), hand_in(second);
        const std::vector both{first.named(), second.named()};
        cloud.publish(both);
    }
    void hear(wire::Message message, const Vin& vin = desk::car) {
        std::array<std::uint8_t, 16> id{};
        id[0] = next_id_++;
        const wire::Envelope envelope{wire::MessageId::from_bytes(id), std::nullopt, now,
                                      wire::Entity::vehicle,           vin,          std::move(message)};
        const auto heard = cloud.engine->hear(std::span(&envelope, 1), now);
        ASSERT_TRUE(heard) << heard.error().str();
    }
    void hear_inventory(std::string_view opens = "delta") {
        hear(wire::VciReport{{desk::car, now, {runs(old_image, opens)}, {}}});
    }
    void hear_readiness() { hear(wire::ReadinessResponse{spring, {true, {}, 0}}); }
    void deploy_until_accepted(std::string_view opens = "delta") {
        ASSERT_TRUE(cloud.engine->deploy(spring, std::span(&desk::car, 1), now));
        hear_inventory(opens);
        hear(wire::OtaCampaignResponse{spring, campaign::Answer::accept, 0});
    }
    void report(std::uint64_t sequence, Phase phase, std::string code = {}) {
        hear(wire::OtaStatus{spring, sequence, phase, desk::brake, 1, std::move(code), "detail"});
    }
    [[nodiscard]] std::optional<uptane::TargetInfo> directed() const {
        const auto file = io::store::MetadataFiles(*cloud.database)
                              .newest(io::store::Repository::director, desk::car.view(), "targets");
        if (!file || !*file) return std::nullopt;
        const auto envelope = uptane::open_envelope(view_of((*file)->bytes), uptane::Role::targets);
        const auto targets = uptane::read_targets(envelope->body, uptane::Repository::director);
        if (targets->targets.empty()) return std::nullopt;
        return targets->targets.begin()->second;
    }
    [[nodiscard]] std::size_t announced() const { return cloud.heard.count<wire::OtaMetadata>(); }
    void tell_of_work() {
        const auto told = cloud.engine->deliveries_changed(now);
        ASSERT_TRUE(told) << told.error().str();
    }
};

TEST_F(EngineDeliveries, BeginADeltaAsSoonAsTheyKnowWhoNeedsIt) {
    deploy_until_accepted();
    EXPECT_EQ(work(), 1U) << "while the driver and the car make up their minds";
    hear_readiness();
    ASSERT_TRUE(directed());
    ASSERT_TRUE(directed()->delivery);
    EXPECT_EQ(directed()->delivery->base, crypto::sha256(old_image));
    EXPECT_EQ(directed()->sha256, crypto::sha256(new_image)) << "what is installed is the image";
    EXPECT_EQ(announced(), 1U);
}

TEST_F(EngineDeliveries, HoldAVehicleUntilItsDeltaIsMade) {
    deploy_until_accepted();
    hear_readiness();
    EXPECT_FALSE(directed());
    EXPECT_EQ(announced(), 0U);
    hear(wire::Wakeup{"boot", 1, "1.0", std::nullopt, std::nullopt});
    hear_readiness();
    EXPECT_EQ(announced(), 0U) << "asking again does not help";
    EXPECT_EQ(work(), 1U);
    tell_of_work();
    EXPECT_TRUE(directed() && directed()->delivery);
    EXPECT_EQ(announced(), 1U);
    tell_of_work();
    EXPECT_EQ(announced(), 1U) << "once";
}

TEST_F(EngineDeliveries, HoldAVehicleNoLongerThanTheyMay) {
    deploy_until_accepted();
    hear_readiness();
    ASSERT_TRUE(cloud.engine->pass_time(now + std::chrono::seconds(59)));
    EXPECT_FALSE(directed());
    ASSERT_TRUE(cloud.engine->pass_time(now + std::chrono::seconds(60)));
    ASSERT_TRUE(directed());
    EXPECT_FALSE(directed()->delivery) << "the full image";
    EXPECT_EQ(announced(), 1U);
}

TEST_F(EngineDeliveries, HoldAVehicleAgainAfterARestart) {
    deploy_until_accepted();
    hear_readiness();
    cloud.open();
    ASSERT_TRUE(cloud.engine->start(now));
    hear_readiness();
    EXPECT_FALSE(directed());
    EXPECT_EQ(work(), 1U) << "what was asked for is asked for anew";
    tell_of_work();
    EXPECT_TRUE(directed() && directed()->delivery);
}

TEST_F(EngineDeliveries, ForgetAVehicleThatNoLongerWants) {
    deploy_until_accepted();
    hear_readiness();
    ASSERT_TRUE(cloud.engine->cancel(spring, now));
    work();
    tell_of_work();
    EXPECT_FALSE(directed());
    EXPECT_EQ(announced(), 0U);
}

TEST_F(EngineDeliveries, GiveTheFullImageToAnEcuThatCouldNotOpenTheDelta) {
    deploy_until_accepted();
    work();
    hear_readiness();
    ASSERT_TRUE(directed() && directed()->delivery);
    report(1, Phase::downloading), report(2, Phase::downloaded), report(3, Phase::installing);
    EXPECT_TRUE(directed()->delivery);
    const std::size_t before = announced();
    report(4, Phase::installing, "delta.other-base");
    EXPECT_FALSE(directed()->delivery);
    EXPECT_EQ(directed()->sha256, crypto::sha256(new_image));
    EXPECT_EQ(announced(), before + 1) << "nobody has to do anything";
    cloud.open();
    ASSERT_TRUE(cloud.engine->start(now));
    EXPECT_FALSE(directed()->delivery) << "remembered";
}

TEST_F(EngineDeliveries, TakeOnlyWhatTellsOfTheFormAsARefusal) {
    deploy_until_accepted();
    work();
    hear_readiness();
    report(1, Phase::installing);
    const std::size_t before = announced();
    report(2, Phase::installing, "flash.not-approved");
    EXPECT_TRUE(directed()->delivery);
    report(3, Phase::downloading, "delta.other-base");  // late, or from another time
    EXPECT_EQ(announced(), before);
    report(4, Phase::failed, "delta.damaged");
    EXPECT_FALSE(directed()) << "it has ended: nothing is directed any more";
    EXPECT_EQ(announced(), before);
}

TEST_F(EngineDeliveries, DirectTheImageItselfToWhoTakesNothingElse) {
    deploy_until_accepted("plain");
    EXPECT_EQ(work(), 0U);
    hear_readiness();
    ASSERT_TRUE(directed());
    EXPECT_FALSE(directed()->delivery);
}

}  // namespace
}  // namespace pitstop::server
