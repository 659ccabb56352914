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

TEST(PlanMembers, KnowsWhomOthersAreReachedThrough) {
    vehicle::Description car = description();
    car.ecus[1] = {radio, hardware, vehicle::Link::doip, car.zones[0].host, car.zones[0].port, ""};
    car.zones[0].gateway = radio;
    const std::vector targets{trusted(brake), trusted(radio)};
    const auto members = plan_members(targets, metadata(), car, {});
    ASSERT_TRUE(members);
    EXPECT_EQ(members->at(0).part, Part::ecu);
    EXPECT_EQ(members->at(1).part, Part::zonal_gateway);
}

TEST(PlanMembers, LetsTheBusesTakeTurnsInTheOrderOfThePackage) {
    vehicle::Description car = description();
    car.buses.push_back({"body-can", "chassis"});
    const EcuId second = *EcuId::parse("ECU_013"), third = *EcuId::parse("ECU_014"), door = *EcuId::parse("ECU_015");
    for (const EcuId ecu : {second, third})
        car.ecus.push_back({ecu, hardware, vehicle::Link::can_fd, "", 0, "chassis-can"});
    car.ecus.push_back({door, hardware, vehicle::Link::can_fd, "", 0, "body-can"});
    const std::vector targets{trusted(brake), trusted(second), trusted(third), trusted(door), trusted(radio)};
    const auto members = *plan_members(targets, metadata({brake, second, third, door, radio}), car, {});
    std::vector<EcuId> order;
    for (const Member& member : members) order.push_back(member.ecu());
    EXPECT_EQ(order, (std::vector{brake, door, radio, second, third}));
}

uptane::Delivery delta_of(std::uint64_t length_bytes) {
    return {*Form::parse("delta"), length_bytes, digest(77), old_image()};
}

TEST(PlanMembers, FetchesByItselfWhatThePackageHasInAnotherForm) {
    std::vector targets{trusted(brake), trusted(radio)};
    targets[0].delivery = delta_of(99);
    const auto members = *plan_members(targets, metadata(), description(), {});
    EXPECT_EQ(members[0].source, Source::payload);
    EXPECT_EQ(members[0].stored_size_bytes, 99u);
    EXPECT_EQ(members[0].payload_sha256(), digest(77));
    EXPECT_EQ(members[0].form(), *Form::parse("delta"));
    EXPECT_EQ(members[1].source, Source::package);
    EXPECT_EQ(members[1].payload_bytes(), 1000u);
    EXPECT_TRUE(members[1].form().is_plain());
    EXPECT_EQ(plan_ranges(members, {}), (std::vector<Range>{{1064, 1064}})) << "nothing of the package for the brakes";
}

TEST(PlanMembers, TakesACompressedRecordOnlyForWhomItIsDirected) {
    package::CampaignMetadata compressed = metadata();
    package::RecordEntry& record = compressed.records[0];
    record.form = *Form::parse("zstd");
    record.stored_size_bytes = 464;
    record.payload_size_bytes = 400;
    record.payload_sha256 = digest(44);
    std::vector targets{trusted(brake), trusted(radio)};
    EXPECT_EQ(plan_members(targets, compressed, description(), {})->at(0).source, Source::payload) << "the plain image";
    EXPECT_EQ(plan_members(targets, compressed, description(), {})->at(0).stored_size_bytes, 1000u);
    targets[0].delivery = uptane::Delivery{record.form, 400, digest(44)};
    const Member member = plan_members(targets, compressed, description(), {})->at(0);
    EXPECT_EQ(member.source, Source::package);
    EXPECT_EQ(member.stored_size_bytes, 464u);
    targets[0].delivery->sha256 = digest(45);
    EXPECT_EQ(plan_members(targets, compressed, description(), {})->at(0).source, Source::payload)
        << "zstd, but of other bytes";
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
