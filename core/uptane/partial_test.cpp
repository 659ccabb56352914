#include "core/base/faults.h"
#include "core/uptane/small_ecu_on_the_desk.h"

#include <cstdio>

namespace pitstop::uptane {
namespace {

using namespace small_desk;
namespace base = pitstop::faults;

json::Object own_target(json::Object& body) { return body["targets"].as_object()["BRK-2/brake.img"].as_object(); }

// The honest Targets with one change in the image of this ECU.
json::Object with_own(const std::function<void(json::Object&)>& change) {
    json::Object body = targets_body();
    json::Object target = own_target(body);
    change(target);
    body["targets"].as_object()["BRK-2/brake.img"] = target;
    return body;
}
json::Object with_custom(std::string_view name, const json::Value& value) {
    return with_own([&](json::Object& target) { target["custom"].as_object()[name] = value; });
}
json::Object with(std::string_view name, const json::Value& value) {
    json::Object body = targets_body();
    body[name] = value;
    return body;
}
json::Object without(std::string_view name) {
    json::Object body = targets_body();
    body.erase(name);
    return body;
}

TEST(SmallEcuJudges, ApprovesTheImageThatTheDirectorNames) {
    SmallEcu ecu;
    const auto judged = ecu.judge_targets(targets_body());
    ASSERT_TRUE(judged) << judged.error().str();
    ASSERT_TRUE(judged->image);
    EXPECT_EQ(judged->image->size_bytes, 4711U);
    EXPECT_EQ(judged->image->sha256, crypto::sha256(view_of("brake")));
    EXPECT_EQ(judged->image->version, (Version{1, 2, 3, 0}));
    EXPECT_EQ(judged->image->release_counter, 5U);
    EXPECT_EQ(judged->image->hardware.view(), "BRK-2");
    EXPECT_EQ(ecu.state().targets_version(), 1U);
    EXPECT_EQ(ecu.state().attested(), today);
    EXPECT_EQ(ecu.state().confirmed(), today);
}

TEST(SmallEcuJudges, HearsWhenThereIsNothingForIt) {
    SmallEcu ecu;
    json::Object body = targets_body();
    body["targets"].as_object().erase("BRK-2/brake.img");
    auto judged = ecu.judge_targets(body);
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_EQ(judged->targets, Judgement::Targets::accepted);
    EXPECT_FALSE(judged->image);
    judged = ecu.judge({});
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->targets, Judgement::Targets::not_in_bundle);
    EXPECT_FALSE(judged->image);
}

TEST(SmallEcuJudges, PassesOverWhatIsForFullVerifiers) {
    SmallEcu ecu;
    const Bytes targets = targets_file_of(targets_body()), time = time_file_of(time_body());
    const View nonsense = view_of("{}");
    const std::vector<BundleFile> files{{BundleRepository::image, BundleRole::root, "", nonsense},
                                        {BundleRepository::time, BundleRole::time_attestation, "", time},
                                        {BundleRepository::director, BundleRole::timestamp, "", nonsense},
                                        {BundleRepository::director, BundleRole::snapshot, "", nonsense},
                                        {BundleRepository::director, BundleRole::targets, "", targets},
                                        {BundleRepository::image, BundleRole::targets, "", nonsense},
                                        {BundleRepository::image, BundleRole::delegated_targets, "brakes", nonsense}};
    const Bytes bundle = *write_bundle(files, partial_bundle_size_bytes_max);
    EXPECT_TRUE(ecu.verifier().judge(bundle, brake_ecu())->image);
}

TEST(SmallEcuJudges, RefusesABundleThatIsNotInOrder) {
    SmallEcu ecu;
    const Bytes root = root_file_of(root_body(2)), targets = targets_file_of(targets_body()),
                time = time_file_of(time_body());
    const BundleFile a_root{BundleRepository::director, BundleRole::root, "", root},
        a_time{BundleRepository::time, BundleRole::time_attestation, "", time},
        a_targets{BundleRepository::director, BundleRole::targets, "", targets};
    for (const std::vector<BundleFile>& files : {std::vector{a_time, a_targets, a_root},
                                                 {a_time, a_root, a_targets},
                                                 {a_time, a_time, a_targets},
                                                 {a_targets, a_time},
                                                 {a_time, a_targets, a_targets}}) {
        const auto judged = ecu.verifier().judge(*write_bundle(files, partial_bundle_size_bytes_max), brake_ecu());
        EXPECT_TRUE(judged.error().is(faults::bad_bundle)) << judged.error().str();
    }
    EXPECT_TRUE(ecu.verifier().judge(view_of("PTB2"), brake_ecu()).error().is(faults::bad_bundle));
    EXPECT_TRUE(
        ecu.verifier().judge(Bytes(partial_bundle_size_bytes_max + 1), brake_ecu()).error().is(faults::too_large));
    ecu.expect_honest_cycle();
}

TEST(SmallEcuJudges, RefusesWhatIsForSomebodyElse) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::wrong_vin, with("vin", "VIN00002"));
    ecu.expect_refusal(base::missing_member, without("vin"));
    ecu.expect_refusal(faults::wrong_hardware, with_custom("hardwareIds", {"BRK-1", "BRK-20"}));
    json::Object twice = targets_body();
    twice["targets"].as_object()["BRK-2/other.img"] = target("ECU_011");
    ecu.expect_refusal(faults::duplicate_ecu, twice);
}

TEST(SmallEcuJudges, RefusesAnOlderRelease) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::release_counter_back, with_custom("releaseCounter", 3));
    ecu.identity.release_counter = 5;
    json::Object same = targets_body(ecu.state().targets_version() + 1);
    EXPECT_TRUE(ecu.judge_targets(same)->image);  // the same release again is allowed
}

TEST(SmallEcuJudges, RefusesTargetsThatDelegate) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::bad_member, with("delegations", json::Object()));
}

TEST(SmallEcuJudges, PassesOverWhatItDoesNotKnow) {
    SmallEcu ecu;
    const json::Object delivery{{"form", "delta"}, {"length", 17}, {"sha256", "00"}, {"base", {1, "x", nullptr}}};
    const auto judged = ecu.judge_targets(with_custom("delivery", delivery));
    ASSERT_TRUE(judged) << judged.error().str();
    ASSERT_TRUE(judged->image);
    EXPECT_EQ(judged->image->size_bytes, 4711U) << "the image's own size, not what is carried";
    json::Object another = targets_body(ecu.state().targets_version() + 1);
    another["targets"].as_object()["WIN-1/window.img"].as_object()["custom"].as_object()["delivery"] = delivery;
    EXPECT_TRUE(ecu.judge_targets(another)) << "nor of another ECU's";
}

TEST(SmallEcuJudges, RefusesADescriptionThatLacksSomething) {
    SmallEcu ecu;
    const auto hashes = [](std::string_view name, const json::Value& value) {
        return with_own([&](json::Object& target) { target["hashes"].as_object()[name] = value; });
    };
    ecu.expect_refusal(base::not_hex, hashes("sha256", "12"));
    ecu.expect_refusal(base::not_hex, hashes("sha512", json::Value(std::string(128, 'g'))));
    ecu.expect_refusal(faults::bad_member, hashes("md5", "00"));
    ecu.expect_refusal(base::missing_member,
                       with_own([](json::Object& target) { target["hashes"].as_object().erase("sha512"); }));
    ecu.expect_refusal(base::missing_member,
                       with_own([](json::Object& target) { target["hashes"].as_object().erase("sha256"); }));
    ecu.expect_refusal(faults::bad_member, with_own([](json::Object& target) { target["length"] = 0; }));
    ecu.expect_refusal(base::wrong_type, with_own([](json::Object& target) { target["length"] = 1LL << 32; }));
    ecu.expect_refusal(base::bad_version, with_custom("version", "1.2"));
    ecu.expect_refusal(base::bad_ecu_id, with_custom("ecuIdentifier", "ECU_101"));
    ecu.expect_refusal(faults::bad_member, with_custom("hardwareIds", json::Array()));
    ecu.expect_refusal(faults::bad_member, with_custom("hardwareIds", {"BRK-2", 1}));
    ecu.expect_refusal(base::wrong_type, with_custom("releaseCounter", -1));
    ecu.expect_refusal(base::missing_member, with_own([](json::Object& target) { target.erase("custom"); }));
    ecu.expect_refusal(base::missing_member, without("targets"));
    json::Object no_object = targets_body();
    no_object["targets"].as_object()["BRK-2/brake.img"] = 1;
    ecu.expect_refusal(base::wrong_type, no_object);
}

TEST(SmallEcuJudges, RefusesTheHeadOfAnotherFile) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::wrong_role, with("_type", "snapshot"));
    ecu.expect_refusal(faults::wrong_spec_version, with("spec_version", "2.0.0"));
    ecu.expect_refusal(faults::bad_member, with("version", 0));
    ecu.expect_refusal(base::wrong_type, with("version", 1LL << 32));
    ecu.expect_refusal(base::bad_time, with("expires", "next year"));
    ecu.expect_refusal(base::missing_member, without("expires"));
}

TEST(SmallEcuJudges, RefusesTargetsThatHaveEnded) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::expired, with("expires", json::Value(today.str())));
    json::Object next = targets_body(ecu.state().targets_version() + 1);
    next["expires"] = (today + std::chrono::seconds(1)).str();
    EXPECT_TRUE(ecu.judge_targets(next));
}

TEST(SmallEcuJudges, RefusesOlderTargetsAlsoAfterARestart) {
    SmallEcu ecu;
    ASSERT_TRUE(ecu.judge_targets(targets_body(7)));
    ASSERT_TRUE(ecu.restart());
    ecu.expect_refusal(faults::rolled_back, targets_body(6));
}

TEST(SmallEcuJudges, AcceptsAVersionAgainOnlyWithTheSameContent) {
    SmallEcu ecu;
    ASSERT_TRUE(ecu.judge_targets(targets_body(7)));
    ASSERT_TRUE(ecu.restart());
    EXPECT_TRUE(ecu.judge_targets(targets_body(7))->image);  // with other signatures: ECDSA signs at random
    json::Object other = targets_body(7);
    other["expires"] = "2026-12-21T12:00:00Z";
    ecu.expect_refusal(faults::same_version_changed, other);
}

TEST(SmallEcuJudges, RefusesTextInAnotherForm) {
    SmallEcu ecu;
    const auto altered = [&](std::string_view from, std::string_view to) {
        const Bytes file = targets_file_of(targets_body());
        std::string text(text_of(file));
        text.replace(text.find(from), from.size(), to);
        return Parts{.targets = Bytes(text.begin(), text.end())};
    };
    ecu.expect_refusal(base::bad_json, altered("\"version\":1,", "\"version\": 1,"));
    ecu.expect_refusal(base::bad_json, altered("\"version\":1,", "\"version\":1.0,"));
    ecu.expect_refusal(base::bad_json,
                       altered("\"_type\":\"targets\",", "\"_type\":\"targets\",\"_type\":\"targets\","));
    ecu.expect_refusal(base::bad_json,
                       altered("\"version\":1,\"vin\":\"VIN00001\"", "\"vin\":\"VIN00001\",\"version\":1"));
    ecu.expect_refusal(base::bad_json, altered("}}", "}}\n"));
    ecu.expect_refusal(base::wrong_type, Parts{.targets = Bytes{'1'}});
    // An escape that says the same is another text with the same canonical form: the signatures still hold.
    EXPECT_TRUE(ecu.judge([&] {
        const Bytes file = targets_file_of(targets_body(ecu.state().targets_version() + 1));
        std::string text(text_of(file));
        text.replace(text.find("VIN00001"), 1, "\\u0056");
        return Parts{.targets = Bytes(text.begin(), text.end())};
    }()));
}

TEST(SmallEcuJudges, NeedsLittleMemory) {
    SmallEcu ecu;
    ASSERT_TRUE(ecu.judge_targets(targets_body()));
    const std::size_t storage = PartialState::storage_bytes_usual, room = sizeof(JudgeRoom);
    std::printf("             state %zu bytes of %zu lent, judging %zu, verifier and view %zu: together %zu\n",
                ecu.state().bytes().size(), storage, room, sizeof(PartialVerifier) + sizeof(PartialState),
                storage + room + sizeof(PartialVerifier) + sizeof(PartialState));
    EXPECT_LE(storage + room + sizeof(PartialVerifier) + sizeof(PartialState), 20U * 1024);  // 4 KiB are left for stack
}

}  // namespace
}  // namespace pitstop::uptane
