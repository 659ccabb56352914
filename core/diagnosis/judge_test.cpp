#include "core/diagnosis/judge.h"

#include "core/diagnosis/faults.h"
#include "core/diagnosis/job_on_the_desk.h"
#include "core/diagnosis/permission.h"

#include <gtest/gtest.h>

namespace pitstop::diagnosis {
namespace {

struct Judge : testing::Test {
    vehicle::Description car = desk::car();
    Circumstances circumstances{.vehicle = car, .now = desk::now, .last_sequence = 4};
    Job job = desk::job();

    void expect(const Fault& fault) const {
        const auto judged = judge(job, circumstances);
        ASSERT_FALSE(judged) << fault.code;
        EXPECT_TRUE(judged.error().is(fault)) << judged.error().str();
    }
};

TEST_F(Judge, ObeysAJobForThisVehicleInItsTime) { EXPECT_TRUE(judge(job, circumstances)); }

TEST_F(Judge, RefusesAnotherVehiclesJob) {
    job.vin = *Vin::parse("VIN00002");
    expect(faults::foreign);
}

TEST_F(Judge, RefusesAnOldJobAlsoOneThatItNeverSaw) {
    circumstances.last_sequence = job.sequence;
    expect(faults::replayed);
    circumstances.last_sequence = job.sequence + 7;
    expect(faults::replayed);
}

TEST_F(Judge, RefusesANumberThatWouldLockOutThoseAfterIt) {
    job.sequence = static_cast<std::uint64_t>(desk::now.seconds) + 86'400;
    EXPECT_TRUE(judge(job, circumstances));
    ++job.sequence;
    expect(faults::bad_job);
}

TEST_F(Judge, RefusesAJobAtItsDate) {
    circumstances.now = job.expires;
    expect(faults::expired);
}

TEST_F(Judge, AsksForTheStateThatTheJobRequires) {
    job.requirements = {vehicle::Motion::parked, vehicle::Ignition::on};
    expect(faults::not_ready);
    circumstances.conditions.ignition = vehicle::Ignition::on;
    EXPECT_TRUE(judge(job, circumstances));
    circumstances.conditions.motion = vehicle::Motion::moving;
    expect(faults::not_ready);
    job.requirements = {};
    EXPECT_TRUE(judge(job, circumstances)) << "a job that requires nothing";
}

TEST_F(Judge, KnowsItsEcusAndZones) {
    for (const Target& there : {Target{desk::brake}, Target{*ZoneName::parse("body")}, Target{desk::body_gateway}}) {
        job.target = there;
        EXPECT_TRUE(judge(job, circumstances));
    }
    job.target = {*EcuId::parse("ECU_050")};
    expect(faults::unknown_target);
    job.target = {*ZoneName::parse("attic")};
    expect(faults::unknown_target);
}

TEST_F(Judge, TakesNoMoreThanItsQueueHolds) {
    circumstances.waiting = jobs_waiting_max;
    expect(faults::queue_full);
}

TEST_F(Judge, AsksTheAllowListAgain) {
    job.role = Role::viewer;
    job.steps = {desk::step({0x14, 0xFF, 0xFF, 0xFF})};
    expect(faults::not_allowed);
}

// The least role that may use a request in a parked car; nothing: nobody.
std::optional<Role> least_role(const Bytes& request) {
    const Requirements parked{vehicle::Motion::parked, {}};
    std::optional<Role> least;
    for (const Role role : {Role::admin, Role::release_manager, Role::operator_, Role::viewer}) {
        if (check_allowed(role, request, parked))
            least = role;
        else
            break;
    }
    return least;
}

TEST(Permission, RisesFromRoleToRole) {
    for (const Bytes& request : {Bytes{0x22, 0xF1, 0x90},
                                 {0x22, 0xF1, 0x89, 0xF1, 0xA1},
                                 {0x22, 0xF1, 0x5A},
                                 {0x19, 0x02, 0xFF},
                                 {0x3E, 0x00}})
        EXPECT_EQ(least_role(request), Role::viewer) << to_hex(request);
    for (const Bytes& request : {Bytes{0x22, 0x01, 0x00},
                                 {0x22, 0xF1, 0x90, 0x01, 0x00},
                                 {0x14, 0xFF, 0xFF, 0xFF},
                                 {0x10, 0x01},
                                 {0x10, 0x03},
                                 {0x31, 0x01, 0xF0, 0x01},
                                 {0x31, 0x01, 0xF0, 0x04},
                                 {0x11, 0x01}})
        EXPECT_EQ(least_role(request), Role::operator_) << to_hex(request);
    for (const Bytes& request : {Bytes{0x2E, 0x01, 0x00, 0x01}, {0x2F, 0x01, 0x00, 0x03}, {0x31, 0x01, 0x12, 0x34}})
        EXPECT_EQ(least_role(request), Role::release_manager) << to_hex(request);
}

TEST(Permission, NobodyFlashesOrOpensAnEcuByAJob) {
    for (const int service : {0x23, 0x27, 0x28, 0x29, 0x34, 0x35, 0x36, 0x37, 0x38, 0x3D, 0x84, 0x85, 0x87})
        EXPECT_EQ(least_role({static_cast<std::uint8_t>(service), 0x01, 0x00, 0x00}), std::nullopt) << service;
    for (const int routine : {0x0202, 0x0203, 0xF010, 0xF011, 0xF012, 0xF013, 0xF020, 0xF022, 0xFF00, 0xFF01})
        EXPECT_EQ(least_role({0x31, 0x01, static_cast<std::uint8_t>(routine >> 8), static_cast<std::uint8_t>(routine)}),
                  std::nullopt)
            << std::hex << routine;
    EXPECT_EQ(least_role({0x10, 0x02}), std::nullopt) << "the programming session";
    EXPECT_EQ(least_role({0x2E, 0xF1, 0x5A, 0x00}), std::nullopt) << "the fingerprint of who programs";
    EXPECT_EQ(least_role({}), std::nullopt);
}

TEST(Permission, MovesNothingInACarThatMayBeDriven) {
    for (const Bytes& request :
         {Bytes{0x11, 0x01}, {0x2E, 0x01, 0x00, 0x01}, {0x2F, 0x01, 0x00, 0x03}, {0x31, 0x01, 0x12, 0x34}})
        EXPECT_TRUE(check_allowed(Role::admin, request, {}).error().is(faults::not_allowed)) << to_hex(request);
    EXPECT_TRUE(check_allowed(Role::admin, Bytes{0x22, 0xF1, 0x90}, {}));
}

}  // namespace
}  // namespace pitstop::diagnosis
