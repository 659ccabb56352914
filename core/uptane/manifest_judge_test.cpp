#include "core/uptane/manifest_judge.h"

#include "core/uptane/faults.h"
#include "core/uptane/fleet_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using desk::brake;
using desk::now;
using desk::window;

Result<JudgedManifest> judge(const Bytes& file, const KnownVehicle& known = desk::known_vehicle(), UtcTime at = now) {
    return judge_manifest({file}, known, at);
}
Result<JudgedManifest> judge(const Manifest& manifest, const KnownVehicle& known = desk::known_vehicle()) {
    return judge(desk::signed_manifest(manifest), known);
}
bool refused(const Result<JudgedManifest>& judged, const Fault& fault) { return !judged && judged.error().is(fault); }

const JudgedEcu& of(const JudgedManifest& judged, EcuId ecu) {
    return *std::ranges::find(judged.ecus, ecu, &JudgedEcu::ecu);
}
std::optional<SenderState> state_in(const ReportHistory& history) {
    const auto found = history.ecus.find(brake);
    return found == history.ecus.end() ? std::nullopt : std::optional(found->second);
}
// A manifest in which one ECU hands in something else; the other one must not be held up by it.
void expect_only_brake_refused(const Bytes& report, const Fault& fault,
                               const KnownVehicle& known = desk::known_vehicle(), std::uint64_t counter = 9) {
    Manifest manifest = desk::manifest(counter);
    ASSERT_TRUE(manifest.add_report(brake, report));
    const auto judged = judge(manifest, known);
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_EQ(of(*judged, brake).verdict, Verdict::refused);
    ASSERT_TRUE(of(*judged, brake).fault);
    EXPECT_TRUE(of(*judged, brake).fault->is(fault)) << of(*judged, brake).fault->str();
    EXPECT_EQ(of(*judged, window).verdict, Verdict::accepted);
    EXPECT_EQ(state_in(judged->after), state_in(known.before)) << "a refused report changes nothing";
}
KnownVehicle after(const Manifest& manifest) {
    KnownVehicle known = desk::known_vehicle();
    known.before = judge(manifest)->after;
    return known;
}

TEST(JudgeManifest, BelievesWhatEverybodySigned) {
    const auto judged = judge(desk::manifest());
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_EQ(judged->verdict, Verdict::accepted);
    ASSERT_EQ(judged->ecus.size(), 2U);
    for (const JudgedEcu& ecu : judged->ecus) {
        EXPECT_EQ(ecu.verdict, Verdict::accepted);
        EXPECT_EQ(ecu.report->installed.version, (Version{1, 0, 0}));
    }
    EXPECT_TRUE(judged->attacks.empty());
    EXPECT_EQ(judged->after.time, now);
    EXPECT_EQ(judged->after.ecus.at(brake).counter, 1U);
}

TEST(JudgeManifest, TakesTheSameAgainAsARepetition) {
    const Manifest manifest = desk::manifest();
    const KnownVehicle known = after(manifest);
    const auto again = judge(manifest, known);
    ASSERT_TRUE(again) << again.error().str();
    EXPECT_EQ(again->verdict, Verdict::repeated);
    EXPECT_EQ(again->after, known.before);
}

TEST(JudgeManifest, RefusesAnOlderCounterAndOtherWordsUnderTheSame) {
    const KnownVehicle known = after(desk::manifest(5));
    EXPECT_TRUE(refused(judge(desk::manifest(4), known), faults::counter_back));
    Manifest other = desk::manifest(5);
    other.primary = "VMG2";
    EXPECT_TRUE(refused(judge(other, known), faults::counter_reused));
    EXPECT_TRUE(judge(desk::manifest(6), known));
}

TEST(JudgeManifest, RefusesForeignKeys) {
    const Bytes file = *sign(to_json(desk::manifest()), desk::new_keys().signers());
    EXPECT_TRUE(refused(judge(file), faults::foreign_key));
    EXPECT_TRUE(refused(judge(*sign(to_json(desk::manifest()), {})), faults::foreign_key));
    // A foreign signature under the right name.
    const Bytes renamed = desk::altered(file, [](json::Object& object) {
        for (json::Value& signature : object["signatures"].as_array())
            signature.as_object()["keyid"] = desk::gateway_keys().classical.public_key().key_id();
    });
    EXPECT_TRUE(refused(judge(renamed), faults::foreign_key));
    const Bytes changed = desk::altered(desk::signed_manifest(desk::manifest()),
                                        [](json::Object& object) { object["signed"].as_object()["counter"] = 99; });
    EXPECT_TRUE(refused(judge(changed), faults::foreign_key));
}

TEST(JudgeManifest, RefusesOneFamilyWhereBothAreRegistered) {
    for (crypto::Signer* only : desk::gateway_keys().signers())
        EXPECT_TRUE(refused(judge(*sign(to_json(desk::manifest()), {&only, 1})), faults::family_missing));
}

TEST(JudgeManifest, RefusesVehiclesThatNobodyRegistered) {
    KnownVehicle known = desk::known_vehicle();
    known.keys = {};
    EXPECT_TRUE(refused(judge(desk::manifest(), known), faults::unregistered));
}

TEST(JudgeManifest, RefusesTheManifestOfAnotherVehicle) {
    Manifest other = desk::manifest();
    other.vin = *Vin::parse("VIN00002");
    EXPECT_TRUE(refused(judge(other), faults::wrong_reporter));
}

TEST(JudgeManifest, RefusesTimeThatGoesBackOrHasNotComeYet) {
    const KnownVehicle known = after(desk::manifest(1));
    Manifest back = desk::manifest(2);
    back.time = desk::earlier;
    EXPECT_TRUE(refused(judge(back, known), faults::time_back));
    Manifest ahead = desk::manifest(2);
    ahead.time = now + time_ahead_max;
    EXPECT_TRUE(judge(ahead, known));
    ahead.time = ahead.time + std::chrono::seconds(1);
    EXPECT_TRUE(refused(judge(ahead, known), faults::time_ahead));
}

TEST(JudgeManifest, RefusesWhatIsTooLargeOrNoManifest) {
    EXPECT_TRUE(refused(judge(Bytes(manifest_bytes_max + 1, ' ')), faults::too_large));
    EXPECT_FALSE(judge(Bytes{'[', ']'}));
    EXPECT_FALSE(judge(Bytes{}));
    const std::string report = boost::json::serialize(*unpack_report(desk::report_file(brake)));
    EXPECT_TRUE(refused(judge(Bytes(report.begin(), report.end())), faults::wrong_role));
}

TEST(JudgeReport, RefusesForeignAndMissingSignaturesWithoutHoldingUpTheOthers) {
    const VersionReport report = desk::report_of(brake, 9);
    expect_only_brake_refused(*sign_version_report(report, {}), faults::foreign_key);
    expect_only_brake_refused(*sign_version_report(report, desk::signers_of(window)), faults::foreign_key);
    expect_only_brake_refused(*sign_version_report(report, desk::gateway_keys().signers()), faults::foreign_key);
    for (crypto::Signer* only : desk::signers_of(brake))  // hybrid downgrade, in both directions
        expect_only_brake_refused(*sign_version_report(report, {&only, 1}), faults::family_missing);
}

TEST(JudgeReport, RefusesOldCountersAndOtherWordsUnderTheSame) {
    const KnownVehicle known = after(desk::manifest(5));
    expect_only_brake_refused(desk::report_file(brake, 4), faults::counter_back, known);
    VersionReport other = desk::report_of(brake, 5);
    other.installed.version = {2, 0, 0};
    expect_only_brake_refused(desk::signed_report(other), faults::counter_reused, known);
}

TEST(JudgeReport, TakesTheReportOfASleepingEcuAgain) {
    const KnownVehicle known = after(desk::manifest(5));
    Manifest next = desk::manifest(6);
    ASSERT_TRUE(next.add_report(window, desk::report_file(window, 5)));
    const auto judged = judge(next, known);
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_EQ(of(*judged, window).verdict, Verdict::repeated);
    EXPECT_EQ(of(*judged, brake).verdict, Verdict::accepted);
}

TEST(JudgeReport, RefusesReportsThatSpeakForSomebodyElse) {
    const auto spoken = [](auto change) {
        VersionReport report = desk::report_of(brake, 9);
        change(report);
        return *sign_version_report(report, desk::signers_of(brake));
    };
    expect_only_brake_refused(spoken([](VersionReport& report) { report.vin = *Vin::parse("VIN00002"); }),
                              faults::wrong_reporter);
    expect_only_brake_refused(spoken([](VersionReport& report) { report.ecu = window; }), faults::wrong_reporter);
    expect_only_brake_refused(spoken([](VersionReport& report) { report.hardware = *HardwareId::parse("BRK-1"); }),
                              faults::wrong_reporter);
    expect_only_brake_refused(spoken([](VersionReport& report) { report.time = desk::later; }), faults::time_ahead);
}

TEST(JudgeReport, RefusesGarbageAndUnregisteredEcusWithoutHoldingUpTheOthers) {
    Manifest manifest = desk::manifest();
    manifest.reports[brake] = "garbage";
    manifest.reports[desk::stranger] = desk::manifest().reports.at(window);
    const auto judged = judge(manifest);
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_EQ(of(*judged, brake).verdict, Verdict::refused);
    EXPECT_TRUE(of(*judged, desk::stranger).fault->is(faults::unregistered));
    EXPECT_EQ(of(*judged, window).verdict, Verdict::accepted);
}

TEST(JudgeReport, CountsEcusThatThePrimaryLeavesOutAsMissing) {
    Manifest manifest = desk::manifest();
    manifest.reports.clear();
    manifest.missing = {window, desk::stranger};
    const auto judged = judge(manifest);
    ASSERT_TRUE(judged);
    ASSERT_EQ(judged->ecus.size(), 3U);
    for (const JudgedEcu& ecu : judged->ecus) EXPECT_EQ(ecu.verdict, Verdict::missing);
}

TEST(JudgeReport, TellsEveryAttackOnce) {
    Manifest first = desk::manifest(1);
    VersionReport attacked = desk::report_of(brake, 1);
    attacked.attacks = 3;
    attacked.previous_attack = AttackCode("uptane.wrong-hash");
    ASSERT_TRUE(first.add_report(brake, desk::signed_report(attacked)));
    first.attacks = 1;
    first.previous_attack = AttackCode("uptane.rolled-back");
    const auto judged = judge(first);
    ASSERT_TRUE(judged) << judged.error().str();
    ASSERT_EQ(judged->attacks.size(), 2U);
    EXPECT_FALSE(judged->attacks[0].ecu);
    EXPECT_EQ(judged->attacks[0].code.view(), "uptane.rolled-back");
    EXPECT_EQ(judged->attacks[1].ecu, brake);
    EXPECT_EQ(judged->attacks[1].count, 3U);

    KnownVehicle known = desk::known_vehicle();
    known.before = judged->after;
    Manifest second = desk::manifest(2);
    second.attacks = 1;
    attacked.counter = 2;
    ASSERT_TRUE(second.add_report(brake, desk::signed_report(attacked)));
    EXPECT_TRUE(judge(second, known)->attacks.empty());
    attacked.attacks = 4;
    ASSERT_TRUE(second.add_report(brake, desk::signed_report(attacked)));
    EXPECT_EQ(judge(second, known)->attacks.at(0).count, 1U);
    attacked.attacks = 2;  // began anew
    ASSERT_TRUE(second.add_report(brake, desk::signed_report(attacked)));
    EXPECT_EQ(judge(second, known)->attacks.at(0).count, 2U);
}

TEST(JudgeManifest, GoesOnHonestlyAfterEveryAttack) {
    const KnownVehicle known = after(desk::manifest(5));
    for (std::size_t at = 0; at < 2000; at += 97) {
        Bytes file = desk::signed_manifest(desk::manifest(6));
        file[at % file.size()] ^= 1;
        const auto judged = judge(file, known);
        EXPECT_TRUE(!judged || judged->verdict == Verdict::accepted) << at;  // a bit of a name nobody looks at
    }
    EXPECT_TRUE(judge(desk::manifest(6), known));
}

TEST(ReportHistory, ReadsBackAndForgetsOnlyWhoWasReplaced) {
    ReportHistory history = judge(desk::manifest(5))->after;
    EXPECT_EQ(*report_history_from_json(to_json(history)), history);
    EXPECT_EQ(*report_history_from_json(to_json(ReportHistory{})), ReportHistory{});
    json::Object broken = to_json(history);
    broken["ecus"].as_object()["ECU_011"] = 1;
    EXPECT_FALSE(report_history_from_json(broken));

    const RegisteredKeys before = desk::registered();
    RegisteredKeys rotated = before;  // one of two keys stays
    rotated.primary = {desk::new_keys().classical.public_key(), desk::gateway_keys().post_quantum.public_key()};
    rotated.ecus[window] = {desk::new_keys().classical.public_key()};
    history.forget_replaced(before, rotated);
    EXPECT_TRUE(history.primary);
    EXPECT_TRUE(history.ecus.contains(brake));
    EXPECT_FALSE(history.ecus.contains(window)) << "a new ECU may count from 1";
    RegisteredKeys other;
    other.primary = desk::new_keys().public_keys();
    history.forget_replaced(before, other);
    EXPECT_FALSE(history.primary);
    EXPECT_TRUE(history.ecus.empty());
    EXPECT_EQ(history.time, now) << "time does not go back with anybody";
}

}  // namespace
}  // namespace pitstop::uptane
