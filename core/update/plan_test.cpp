#include "core/update/plan.h"

#include "core/update/faults.h"
#include "core/update/sample_job_test.h"
#include "core/vehicle/faults.h"

#include <gtest/gtest.h>

namespace pitstop::update {
namespace {

using namespace sample;

TEST(PlanMembers, TakesFromThePackageWhatTheDirectorNames) {
    const std::vector<Member> both = members();
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(both[0].target, trusted(brake));
    EXPECT_EQ(both[1].offset_bytes, 1064u);
    EXPECT_NE(both[0].lane, both[1].lane);
    const std::vector one{trusted(radio)};
    EXPECT_EQ(plan_members(one, metadata(), description(), {})->size(), 1u)
        << "other records of the package are not this car's";
    const std::vector targets{trusted(brake), trusted(radio)};
    const std::vector there{brake};
    EXPECT_EQ(plan_members(targets, metadata(), description(), there)->size(), 1u)
        << "what runs already stays untouched";
    package::CampaignMetadata lacking = metadata();
    lacking.records.erase(lacking.records.begin());
    EXPECT_EQ(plan_members(targets, lacking, description(), there)->size(), 1u)
        << "what an earlier campaign directed, and what runs, needs no image";
}

TEST(PlanMembers, RefusesAPackageThatDoesNotFitTheTargets) {
    const std::vector both{trusted(brake), trusted(radio)};
    EXPECT_TRUE(plan_members({}, metadata(), description(), {}).error().is(faults::nothing_directed));

    package::CampaignMetadata lacking = metadata();
    lacking.records.pop_back();
    EXPECT_TRUE(plan_members(both, lacking, description(), {}).error().is(faults::not_in_package));

    void (*const spoilers[])(package::RecordEntry&) = {
        [](package::RecordEntry& record) { record.sha256[0] ^= 1; },
        [](package::RecordEntry& record) { record.image_size_bytes += 1; },
        [](package::RecordEntry& record) { record.version.patch += 1; },
        [](package::RecordEntry& record) { record.release_counter -= 1; },
        [](package::RecordEntry& record) { record.hardware = *HardwareId::parse("HW-B"); },
        [](package::RecordEntry& record) { record.target = *TargetName::parse("HW-A/other.img"); },
    };
    for (const auto spoil : spoilers) {
        package::CampaignMetadata lying = metadata();
        spoil(lying.records[1]);
        EXPECT_TRUE(plan_members(both, lying, description(), {}).error().is(faults::package_differs));
    }

    std::vector huge{trusted(brake)};
    huge[0].length_bytes = std::uint64_t{1} << 32;
    package::CampaignMetadata empty = metadata();
    empty.records.clear();
    EXPECT_TRUE(plan_members(huge, empty, description(), {}).error().is(faults::too_large));

    vehicle::Description other_car = description();
    other_car.ecus.pop_back();
    EXPECT_TRUE(plan_members(both, metadata(), other_car, {}).error().is(vehicle::faults::bad_description));
}

TEST(PlanRanges, AsksOnlyForWhatIsNotStored) {
    const std::vector<Member> both = members();
    struct Row {
        std::map<EcuId, std::uint64_t> stored;
        std::vector<Range> needed;
    };
    const Row rows[] = {
        {{}, {{0, 2128}}},
        {{{brake, 64}}, {{64, 2064}}},
        {{{brake, 1064}}, {{1064, 1064}}},
        {{{radio, 1000}}, {{0, 1064}, {2064, 64}}},
        {{{brake, 1064}, {radio, 1064}}, {}},
        {{{brake, 1065}, {radio, 1064}}, {{0, 1064}}},  // more than there can be: begin again
    };
    for (const Row& row : rows) EXPECT_EQ(plan_ranges(both, row.stored), row.needed);
}

}  // namespace
}  // namespace pitstop::update
