#include "core/diagnosis/job.h"

#include "core/base/faults.h"
#include "core/diagnosis/faults.h"
#include "core/diagnosis/job_on_the_desk.h"
#include "core/diagnosis/order.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::diagnosis {
namespace {

using uptane::Role;

Result<Job> read_changed(std::string_view pointer, json::Value value) {
    json::Value body = to_json(desk::job());
    boost::system::error_code problem;
    body.set_at_pointer(pointer, std::move(value), problem);
    return job_from_json(body.as_object());
}

template <class T>
void expect_bad(std::string_view pointer, T value) {
    const auto read = read_changed(pointer, json::Value(std::move(value)));
    ASSERT_FALSE(read) << pointer;
    EXPECT_TRUE(read.error().is(faults::bad_job)) << read.error().str();
}

json::Object object_of(View file) { return json::parse(file, job_file_bytes_max)->as_object(); }

TEST(Job, MeansTheSameAfterItWasWrittenAndRead) {
    Job job = desk::job({desk::step(), desk::step({0x22, 0xF1, 0x89}, {Expected::equals, {0x62, 0xF1, 0x89, 0x31}}),
                         desk::step({0x19, 0x01, 0xFF}, {Expected::prefix, {0x59, 0x01}}, OnFailure::carry_on),
                         desk::step({0x14, 0xFF, 0xFF, 0xFF}, {Expected::nrc, {}, uds::Nrc::conditions_not_correct}),
                         desk::step({0x3E, 0x00}, {Expected::any})});
    job.requirements = {vehicle::Motion::parked, vehicle::Ignition::on};
    for (const Target& target : {Target{desk::brake}, Target{*ZoneName::parse("body"), uds::Addressing::functional},
                                 Target{AllEcus{}, uds::Addressing::functional}}) {
        job.target = target;
        const auto read = job_from_json(to_json(job));
        ASSERT_TRUE(read) << read.error().str();
        EXPECT_EQ(*read, job);
    }
}

TEST(Job, KeepsItsLimits) {
    expect_bad("/steps", json::Array());
    expect_bad("/steps", json::Array(steps_max + 1, to_json(desk::job()).at("steps").at(0)));
    expect_bad("/steps/0/request", std::string(2 * request_bytes_max + 2, '0'));
    expect_bad("/steps/0/request", "");
    expect_bad("/steps/0/request", "3e80");  // nobody would answer
    expect_bad("/steps/0/name", "");
    expect_bad("/steps/0/name", "bell\a");
    expect_bad("/steps/0/name", std::string(65, 'n'));
    expect_bad("/steps/0/timeout_ms", timeout_ms_min - 1);
    expect_bad("/steps/0/on_failure", "panic");
    expect_bad("/steps/0/expect", json::Object{{"any", true}, {"nrc", "31"}});
    expect_bad("/steps/0/expect", json::Object{{"any", false}});
    expect_bad("/steps/0/expect", json::Object{{"nrc", "00"}});
    expect_bad("/role", "root");
    expect_bad("/expires", desk::now.str());
    expect_bad("/expires", (desk::now + lifetime_max + std::chrono::seconds(1)).str());
    expect_bad("/target", json::Object{});
    expect_bad("/target", json::Object{{"ecu", "ECU_011"}, {"all", true}});
    expect_bad("/target", json::Object{{"all", false}});
    expect_bad("/target", json::Object{{"ecu", "ECU_011"}, {"functional", true}});
    expect_bad("/requires/ignition", "maybe");
    expect_bad("/requires/full_moon", true);  // what cannot be checked does not count as met
    EXPECT_TRUE(read_changed("/steps/0/request", "xy").error().is(pitstop::faults::not_hex));
    EXPECT_TRUE(read_changed("/target", json::Object{{"zone", "../etc"}}).error().is(pitstop::faults::bad_name));
}

TEST(Job, IsNotLongerThanAMessageCarries) {
    const Step large = desk::step(Bytes(request_bytes_max, 0x22));
    std::vector<Step> steps(requests_bytes_max / request_bytes_max, large);
    const Bytes file = uptane::desk::signed_as(Role::targets, to_json(desk::job(steps)));
    EXPECT_LT(file.size(), job_file_bytes_max);
    ASSERT_TRUE(job_from_json(to_json(desk::job(steps))));
    steps.push_back(large);
    EXPECT_TRUE(job_from_json(to_json(desk::job(steps))).error().is(faults::bad_job));
}

TEST(Order, IsBelievedWhenBothFamiliesOfTheDirectorsTargetsKeysSigned) {
    const auto root = uptane::desk::root();
    const auto job = object_of(uptane::desk::signed_as(Role::targets, to_json(desk::job())));
    EXPECT_EQ(open_order({job}, root), Order(desk::job()));
    const Cancel cancel{desk::job().id, desk::job().vin};
    EXPECT_EQ(open_order({object_of(uptane::desk::signed_as(Role::targets, to_json(cancel)))}, root), Order(cancel));
    EXPECT_EQ(claimed_job({job}), desk::job().id);
}

TEST(Order, IsNotBelievedOtherwise) {
    const auto root = uptane::desk::root();
    const auto refusal = [&](View file) { return open_order({object_of(file)}, root).error(); };
    const json::Object body = to_json(desk::job());
    auto& keys = uptane::desk::keys_of(Role::targets);
    const std::array<crypto::Signer*, 1> classical{&keys.classical}, post_quantum{&keys.post_quantum};
    EXPECT_TRUE(refusal(*uptane::sign(body, classical)).is(uptane::faults::post_quantum_missing));
    EXPECT_TRUE(refusal(*uptane::sign(body, post_quantum)).is(uptane::faults::classical_missing));
    EXPECT_TRUE(refusal(*uptane::sign(body, {})).is(uptane::faults::classical_missing)) << "unsigned";
    EXPECT_TRUE(refusal(uptane::desk::signed_as(Role::snapshot, body)).is(uptane::faults::classical_missing))
        << "the keys of another role";
    const Bytes honest = uptane::desk::signed_as(Role::targets, body);
    const Bytes tampered = uptane::desk::altered(
        honest, [](json::Object& file) { file["signed"].as_object()["target"] = json::Object{{"ecu", "ECU_012"}}; });
    EXPECT_TRUE(refusal(tampered).is(uptane::faults::classical_missing));
    EXPECT_EQ(claimed_job({json::Object{}}), std::nullopt);
}

TEST(Order, IsNoTargetsFileAndATargetsFileIsNoOrder) {
    const auto root = uptane::desk::root();
    const auto targets = uptane::to_json(*uptane::direct(*Vin::parse("VIN00001"), {}, {1, uptane::desk::later}));
    const Bytes targets_file = uptane::desk::signed_as(Role::targets, targets);
    EXPECT_TRUE(open_order({object_of(targets_file)}, root).error().is(uptane::faults::wrong_role));
    EXPECT_TRUE(uptane::read_targets(to_json(desk::job()), uptane::Repository::director)
                    .error()
                    .is(uptane::faults::wrong_role));
}

}  // namespace
}  // namespace pitstop::diagnosis
