#include "core/campaign/campaign.h"

#include "core/base/faults.h"
#include "core/campaign/assignment.h"
#include "core/campaign/faults.h"
#include "core/vehicle/faults.h"

#include <gtest/gtest.h>

namespace pitstop::campaign {
namespace {

Campaign sample() {
    Sha256Digest sha256;
    sha256.fill(7);
    return {*CampaignId::parse("OTA-1"),
            "Brakes",
            "Shorter way.",
            Priority::security,
            {{*EcuId::parse("ECU_011"),
              *HardwareId::parse("BRAKE-A"),
              *TargetName::parse("BRAKE-A/ECU_011-1.1.0.img"),
              {1, 1, 0},
              2,
              sha256,
              1000,
              {*version_ranges_from("ECU_012>=1.1.0"), *version_ranges_from("ECU_013<2.0.0")}}}};
}

TEST(Campaign, ComesBackFromJsonAsItWas) { EXPECT_EQ(campaign_from_json(to_json(sample())), sample()); }

TEST(Campaign, RefusesOneThatContradictsItself) {
    Campaign nothing = sample();
    nothing.targets.clear();
    EXPECT_TRUE(campaign_from_json(to_json(nothing)).error().is(faults::bad_campaign));
    Campaign twice = sample();
    twice.targets.push_back(twice.targets[0]);
    EXPECT_TRUE(campaign_from_json(to_json(twice)).error().is(faults::bad_campaign));
    Campaign empty = sample();
    empty.targets[0].size_bytes = 0;
    EXPECT_TRUE(campaign_from_json(to_json(empty)).error().is(faults::bad_campaign));
    Campaign long_title = sample();
    long_title.title = std::string(Campaign::title_size_max + 1, 'x');
    EXPECT_TRUE(campaign_from_json(to_json(long_title)).error().is(vehicle::faults::too_much));
    json::Object urgent = to_json(sample());
    urgent["priority"] = "urgent";
    EXPECT_TRUE(campaign_from_json(urgent).error().is(faults::unknown_phase));
}

TEST(Phase, NamesGoBothWays) {
    for (std::size_t i = 0; i < phase_count; ++i) EXPECT_EQ(phase_from(phase_names[i]), static_cast<Phase>(i));
    EXPECT_TRUE(phase_from("done").error().is(faults::unknown_phase));
}

TEST(Assignment, ComesBackFromJsonAsItWas) {
    Assignment one = Assignment::make(*Vin::parse("VIN01"), *CampaignId::parse("OTA-1"), {1000});
    one.phase = Phase::waiting;
    one.reached = Phase::downloaded;
    one.last_sequence = 1'800'000'000'123;
    one.code = "vehicle.not-ready";
    one.percent = 100;
    EXPECT_EQ(assignment_from_json(to_json(one)), one);
    json::Object vague = to_json(one);
    vague["phase"] = "somewhere";
    EXPECT_TRUE(assignment_from_json(vague).error().is(faults::unknown_phase));
}

TEST(Summary, CountsVehiclesByPhase) {
    std::vector<Assignment> assignments;
    for (const Phase phase : {Phase::verified, Phase::verified, Phase::failed, Phase::downloading}) {
        assignments.push_back(Assignment::make(*Vin::parse("VIN01"), *CampaignId::parse("OTA-1"), {}));
        assignments.back().phase = phase;
    }
    const Summary summary = fold(assignments);
    EXPECT_EQ(summary.total(), 4u);
    EXPECT_EQ(summary.ended(), 3u);
    EXPECT_EQ(summary.of(Phase::verified), 2u);
    EXPECT_EQ(to_json(summary),
              (json::Object{{"total", 4}, {"ended", 3}, {"downloading", 1}, {"verified", 2}, {"failed", 1}}));
}

}  // namespace
}  // namespace pitstop::campaign
