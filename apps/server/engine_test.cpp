#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "core/campaign/faults.h"

#include <boost/json/serialize.hpp>

namespace pitstop::server {
namespace {

using campaign::Phase;
using desk::Cloud;

const UtcTime now = uptane::desk::now;

class EngineStory : public testing::Test {
protected:
    Cloud cloud_{now};
    desk::Built built_ = desk::build_package(now);
    std::uint8_t next_id_ = 1;

    void make_everything() {
        cloud_.publish(built_);
        cloud_.create(built_);
        cloud_.attach(built_);
    }
    Result<Phase> deploy() {
        TRY(const auto outcomes, cloud_.engine->deploy(desk::campaign_id, std::span(&desk::car, 1), now));
        if (outcomes.front().refusal) return fail(*outcomes.front().refusal);
        return *outcomes.front().phase;
    }
    wire::Envelope from_car(wire::Message message) {
        std::array<std::uint8_t, 16> id{};
        id[0] = next_id_++;
        return {wire::MessageId::from_bytes(id), std::nullopt, now,
                wire::Entity::vehicle,           desk::car,    std::move(message)};
    }
    void hear(wire::Message message) {
        const auto envelope = from_car(std::move(message));
        const auto heard = cloud_.engine->hear(std::span(&envelope, 1), now);
        ASSERT_TRUE(heard) << heard.error().str();
    }
    vehicle::Inventory inventory(bool updated) {
        vehicle::EcuReport report{
            desk::brake, desk::hardware,       updated ? Version{1, 1, 0} : Version{1, 0, 0}, "", "", "",
            {},          vehicle::Link::can_fd};
        if (updated) report.active_image = built_.metadata.records.front().sha256;
        return {desk::car, now, {report}, {}};
    }
    void hear_inventory(std::vector<vehicle::EcuReport> ecus) {
        hear(wire::VciReport{{desk::car, now, std::move(ecus), {}}});
    }
    static vehicle::EcuReport runs(Version version, Sha256Digest image, const HardwareId& on = desk::hardware) {
        return {desk::brake, on, version, "", "", "", image, vehicle::Link::can_fd};
    }
    std::string code() {
        const auto events = io::store::Events(*cloud_.database).of_assignment(desk::car, desk::campaign_id, 100);
        return events && !events->empty() ? events->back().code : "none";
    }
    // What the Director's newest Targets say to the car.
    std::size_t directed() {
        if (!cloud_.director->file(desk::car, "timestamp.json", now)) return 999;
        const auto file = io::store::MetadataFiles(*cloud_.database)
                              .newest(io::store::Repository::director, desk::car.view(), "targets");
        const auto envelope = uptane::open_envelope(view_of((*file)->bytes), uptane::Role::targets);
        return uptane::read_targets(envelope->body, uptane::Repository::director)->targets.size();
    }
    std::string phase() {
        const auto row = io::store::Assignments(*cloud_.database).find(desk::car, desk::campaign_id);
        return row && *row ? (*row)->phase : "none";
    }
    void report(std::uint64_t sequence, Phase at) {
        hear(wire::OtaStatus{desk::campaign_id, sequence, at, desk::brake, 50, "", ""});
    }
    // Up to where the vehicle works by itself.
    void until_downloading() {
        hear(wire::Wakeup{"boot", 1, "1.0", std::nullopt, std::nullopt});
        hear(wire::VciReport{inventory(false)});
        hear(wire::OtaCampaignResponse{desk::campaign_id, campaign::Answer::accept, 0});
        hear(wire::ReadinessResponse{desk::campaign_id, {true, {}, 0}});
        report(1, Phase::downloading);
    }
};

TEST_F(EngineStory, DeploysOnlyWhatIsThereAndPublished) {
    EXPECT_TRUE(deploy().error().is(faults::unknown_campaign));
    cloud_.create(built_);
    EXPECT_TRUE(deploy().error().is(faults::no_package));
    cloud_.attach(built_);
    EXPECT_TRUE(deploy().error().is(faults::not_published));
    const auto other = uptane::desk::named(desk::target_name.view(), uptane::desk::image("another image of that name"));
    cloud_.publish(std::span(&other, 1));
    EXPECT_TRUE(deploy().error().is(faults::not_published));
    EXPECT_EQ(phase(), "none");
}

TEST_F(EngineStory, EndsVerifiedOnlyWhenTheInventoryShowsTheTarget) {
    make_everything();
    ASSERT_EQ(deploy(), Phase::assigned);
    until_downloading();
    report(2, Phase::downloaded), report(3, Phase::installing), report(4, Phase::installed),
        report(5, Phase::activated);
    EXPECT_EQ(phase(), "activated");
    hear(wire::VciReport{inventory(false)});
    EXPECT_EQ(phase(), "activated");
    hear(wire::VciReport{inventory(true)});
    EXPECT_EQ(phase(), "verified");
    const auto& heard = cloud_.heard;
    EXPECT_EQ(heard.count<wire::OtaCampaign>(), 1U);
    EXPECT_EQ(heard.count<wire::RequestReadiness>(), 1U);
    EXPECT_GE(heard.count<wire::OtaMetadata>(), 1U);
    EXPECT_EQ(heard.count<wire::CommandAck>(), 11U);
    const auto events = io::store::Events(*cloud_.database).of_assignment(desk::car, desk::campaign_id, 100);
    EXPECT_EQ(events->back().phase, "verified");
}

TEST_F(EngineStory, DirectsTheVehicleBeforeItTellsItWhereThePackageIs) {
    make_everything();
    ASSERT_TRUE(deploy());
    until_downloading();
    const auto targets = cloud_.director->file(desk::car, "1.targets.json", now);
    ASSERT_TRUE(targets) << targets.error().str();
    EXPECT_NE(targets->find("ECU_011"), std::string::npos);
    for (const auto& message : cloud_.heard.messages)
        if (const auto* metadata = std::get_if<wire::OtaMetadata>(&message.message)) {
            EXPECT_EQ(metadata->package_path, "/packages/winter/full_package.bin");
            EXPECT_EQ(metadata->package_bytes, built_.bytes.size());
        }
}

TEST_F(EngineStory, GivesADuplicateAnAcknowledgementAndNoOtherEffect) {
    make_everything();
    ASSERT_TRUE(deploy());
    const auto report = from_car(wire::VciReport{inventory(false)});
    const std::vector<wire::Envelope> twice{report, report};
    ASSERT_TRUE(cloud_.engine->hear(twice, now));
    ASSERT_TRUE(cloud_.engine->hear(twice, now));
    EXPECT_EQ(cloud_.heard.count<wire::OtaCampaign>(), 1U);
    EXPECT_EQ(cloud_.heard.count<wire::CommandAck>(), 4U);
    EXPECT_EQ(io::store::Events(*cloud_.database).of_assignment(desk::car, desk::campaign_id, 100)->size(), 2U);
}

TEST_F(EngineStory, LosesNothingAcknowledgedWhenItIsKilled) {
    make_everything();
    ASSERT_TRUE(deploy());
    until_downloading();
    cloud_.open();
    EXPECT_EQ(phase(), "downloading");
    ASSERT_TRUE(cloud_.engine->start(now));
    EXPECT_EQ(cloud_.heard.count<wire::OtaMetadata>(), 1U);
    report(1, Phase::failed);  // a sequence that was heard before the crash
    EXPECT_EQ(phase(), "downloading");
    hear(wire::VciReport{inventory(true)});
    EXPECT_EQ(phase(), "verified");
}

TEST_F(EngineStory, RepeatsItselfOnlyWhenTheTimeHasCome) {
    make_everything();
    ASSERT_TRUE(deploy());
    const std::size_t said = cloud_.heard.messages.size();
    ASSERT_TRUE(cloud_.engine->pass_time(now + std::chrono::seconds(1)));
    EXPECT_EQ(cloud_.heard.messages.size(), said);
    ASSERT_TRUE(cloud_.engine->pass_time(now + std::chrono::seconds(campaign::repeat_after_s)));
    EXPECT_EQ(cloud_.heard.messages.size(), said + 1);
}

TEST_F(EngineStory, KeepsAVehicleInOneCampaignAtATime) {
    make_everything();
    ASSERT_TRUE(deploy());
    ASSERT_EQ(deploy(), Phase::assigned);  // asked again: the same answer
    const CampaignId second = *CampaignId::parse("summer");
    const auto first = (*io::store::Campaigns(*cloud_.database).find(desk::campaign_id)).value();
    auto copy = first;
    copy.id = second;
    ASSERT_TRUE(io::store::Campaigns(*cloud_.database).add(copy));
    const auto outcomes = cloud_.engine->deploy(second, std::span(&desk::car, 1), now);
    ASSERT_TRUE(outcomes) << outcomes.error().str();
    EXPECT_TRUE(outcomes->front().refusal->is(faults::vehicle_busy));
    ASSERT_TRUE(cloud_.engine->cancel(desk::campaign_id, now));
    EXPECT_EQ(phase(), "cancelled");
    EXPECT_EQ(cloud_.heard.count<wire::Command>(), 1U);
    EXPECT_TRUE(deploy().error().is(campaign::faults::finished));
}

TEST_F(EngineStory, CannotCancelWhatIsBeingInstalled) {
    make_everything();
    ASSERT_TRUE(deploy());
    until_downloading();
    report(2, Phase::downloaded), report(3, Phase::installing);
    const auto outcomes = cloud_.engine->cancel(desk::campaign_id, now);
    ASSERT_TRUE(outcomes);
    EXPECT_TRUE(outcomes->front().refusal->is(campaign::faults::too_late));
}

TEST_F(EngineStory, WelcomesAVehicleThatNobodyKnewAndAsksWhatItCarries) {
    hear(wire::Wakeup{"boot", 7, "1.0",
                      wire::Channel{"X25519MLKEM768", "ecdsa_secp256r1_sha256", "TLS_AES_256_GCM_SHA384"},
                      std::nullopt});
    const auto row = io::store::Vehicles(*cloud_.database).find(desk::car);
    ASSERT_TRUE(row && *row);
    EXPECT_EQ((*row)->boot_seq, 7U);
    EXPECT_NE((*row)->channels.find("X25519MLKEM768"), std::string::npos);
    EXPECT_EQ(cloud_.heard.count<wire::RequestVci>(), 1U);
    EXPECT_EQ(cloud_.heard.count<wire::CommandAck>(), 1U);
}

TEST_F(EngineStory, EndsAtOnceWhatTheCarCannotTake) {
    make_everything();
    ASSERT_TRUE(deploy());
    hear_inventory({runs({1, 0, 0}, {}, *HardwareId::parse("BRK-3"))});
    EXPECT_EQ(phase(), "failed");
    EXPECT_EQ(code(), campaign::faults::wrong_hardware.code);
    EXPECT_EQ(cloud_.heard.count<wire::OtaCampaign>(), 0U);
}

TEST_F(EngineStory, EndsWhatLacksADependency) {
    built_ = desk::build_package(now, "brake software", {*version_ranges_from("ECU_012>=2.0.0"), {}});
    make_everything();
    ASSERT_TRUE(deploy());
    hear_inventory({runs({1, 0, 0}, {})});
    EXPECT_EQ(phase(), "failed");
    EXPECT_EQ(code(), campaign::faults::dependency_missing.code);
    EXPECT_EQ(directed(), 0U);
}

TEST_F(EngineStory, DeploysNothingWhoseNeedsWereSignedDifferently) {
    cloud_.publish(built_);
    built_ = desk::build_package(now, "brake software", {*version_ranges_from("ECU_012>=2.0.0"), {}});
    cloud_.create(built_);
    cloud_.attach(built_);
    EXPECT_TRUE(deploy().error().is(faults::not_published));
}

TEST_F(EngineStory, NeverDirectsACarBackwards) {
    const std::array targets{
        Cloud::named(built_),
        uptane::desk::named("BRK-2/ECU_011-2.0.0.img", uptane::desk::image("newer software", "2.0.0", 9))};
    cloud_.publish(targets);
    cloud_.create(built_);
    cloud_.attach(built_);
    ASSERT_TRUE(deploy());
    hear_inventory({runs({2, 0, 0}, *targets[1].info.sha256)});
    EXPECT_EQ(phase(), "failed");
    EXPECT_EQ(code(), campaign::faults::release_counter_back.code);
}

TEST_F(EngineStory, AsksAgainWhetherItFitsBeforeItDirects) {
    make_everything();
    ASSERT_TRUE(deploy());
    hear_inventory({runs({1, 0, 0}, {})});
    hear(wire::OtaCampaignResponse{desk::campaign_id, campaign::Answer::accept, 0});
    hear_inventory({runs({1, 0, 0}, {}, *HardwareId::parse("BRK-3"))});  // exchanged in a workshop
    hear(wire::ReadinessResponse{desk::campaign_id, {true, {}, 0}});
    EXPECT_EQ(phase(), "failed");
    EXPECT_EQ(code(), campaign::faults::wrong_hardware.code);
    EXPECT_EQ(cloud_.heard.count<wire::OtaMetadata>(), 0U);
    EXPECT_EQ(cloud_.heard.count<wire::Command>(), 1U) << "the car, which had accepted, is told";
    EXPECT_EQ(directed(), 0U);
}

TEST_F(EngineStory, TakesBackWhatFailedOrWasRolledBack) {
    make_everything();
    ASSERT_TRUE(deploy());
    until_downloading();
    EXPECT_EQ(directed(), 1U);
    report(9, Phase::rolled_back);
    EXPECT_EQ(phase(), "rolled_back");
    EXPECT_EQ(directed(), 0U);
    EXPECT_EQ(cloud_.heard.count<wire::Command>(), 0U) << "the car knows";
}

TEST_F(EngineStory, KeepsSayingWhatIsInstalledUntilItNoLongerFits) {
    make_everything();
    ASSERT_TRUE(deploy());
    until_downloading();
    hear(wire::VciReport{inventory(true)});
    EXPECT_EQ(phase(), "verified");
    EXPECT_EQ(directed(), 1U);
    hear_inventory({runs({1, 0, 0}, {}, *HardwareId::parse("BRK-3"))});
    EXPECT_EQ(directed(), 0U);
}

TEST_F(EngineStory, TellsAVehicleThatItsMessageWasNotUnderstood) {
    cloud_.engine->reject(desk::car, Error(faults::unknown_file, "x"), now);
    EXPECT_EQ(cloud_.heard.count<wire::ErrorMessage>(), 1U);
}

TEST_F(EngineStory, CampaignsAreMadeFromTheirSignedMetadataOnly) {
    const auto create = [&](const std::string& body) { return cloud_.desk->create(view_of(body), desk::boss, now); };
    cloud_.create(built_);
    cloud_.create(built_);  // the same again
    EXPECT_TRUE(create(R"({"id":"summer","title":"t","campaign_metadata":)" + built_.metadata_text + "}")
                    .error()
                    .is(faults::bad_campaign));
    EXPECT_TRUE(create(R"({"title":"other","campaign_metadata":)" + built_.metadata_text + "}")
                    .error()
                    .is(faults::campaign_exists));
    std::string forged = built_.metadata_text;
    forged.replace(forged.find("1.1.0"), 5, "1.1.9");
    EXPECT_FALSE(create(R"({"title":"t","campaign_metadata":)" + forged + "}"));
    EXPECT_EQ(cloud_.audit->entries(), 5U);
    EXPECT_TRUE(cloud_.desk->deploy(desk::campaign_id, view_of(R"({"vins":[]})"), desk::boss, now)
                    .error()
                    .is(faults::bad_campaign));
    EXPECT_FALSE(cloud_.desk->deploy(desk::campaign_id, view_of(R"({"vins":[7]})"), desk::boss, now));
}

TEST_F(EngineStory, CampaignsDoNotTouchTheGatewaysOwnSoftware) {
    package::CampaignMetadata metadata = built_.metadata;
    metadata.records.front().ecu = package::Addressee::gateway();
    const std::string text = *package::sign(metadata, desk::package_keys().signers());
    const std::string body = R"({"title":"t","campaign_metadata":)" + text + "}";
    EXPECT_TRUE(cloud_.desk->create(view_of(body), desk::boss, now).error().is(faults::gateway_record));
}

}  // namespace
}  // namespace pitstop::server
