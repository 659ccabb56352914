#include "core/diagnosis/run.h"

#include "core/base/faults.h"
#include "core/diagnosis/faults.h"
#include "core/diagnosis/job_on_the_desk.h"
#include "core/uds/faults.h"

#include <gtest/gtest.h>

namespace pitstop::diagnosis {
namespace {

using desk::step;

JobRun plan(std::vector<Step> steps = {step()}, Target target = {AllEcus{}}) {
    auto run = JobRun::plan(desk::job(std::move(steps), std::move(target)), desk::car());
    EXPECT_TRUE(run) << (run ? "" : run.error().str());
    return *std::move(run);
}

Heard said(EcuId ecu, Bytes answer = {0x62, 0xF1, 0x90, 'V'}, std::uint32_t took_ms = 3) {
    return {.ecu = ecu, .answer = std::move(answer), .took_ms = took_ms};
}
Heard refused(EcuId ecu, uds::Nrc nrc) { return {.ecu = ecu, .nrc = nrc}; }
Heard silent(EcuId ecu) { return {.ecu = ecu, .silence = Error(uds::faults::no_answer)}; }

void answer(JobRun& run, std::size_t lane, const Heard& heard) {
    ASSERT_NE(run.next(lane), nullptr);
    run.on_answers(lane, {&heard, 1});
}

Outcome outcome_of(const Expectation& expect, const Heard& heard) {
    JobRun run = plan({step(desk::read_vin, expect)}, {desk::brake});
    answer(run, 0, heard);
    return run.take_results().at(0).outcome;
}

TEST(JobRun, HasALaneForEachEcuAndEndsWhenAllHaveAnswered) {
    JobRun run = plan({step(), step({0x22, 0xF1, 0x89})});
    ASSERT_EQ(run.lanes().size(), 4u);
    for (std::size_t lane = 0; lane < 4; ++lane) {
        const EcuId ecu = run.lanes()[lane].ecus.at(0);
        EXPECT_EQ(run.next(lane)->request, desk::read_vin);
        answer(run, lane, said(ecu));
        EXPECT_EQ(run.next(lane)->request, (Bytes{0x22, 0xF1, 0x89}));
        EXPECT_FALSE(run.ended());
        answer(run, lane, said(ecu));
        EXPECT_EQ(run.next(lane), nullptr);
    }
    EXPECT_TRUE(run.ended());
    EXPECT_EQ(run.take_results().size(), 8u);
    EXPECT_TRUE(run.take_results().empty()) << "each is told once";
    EXPECT_EQ(run.summary().code, "");
}

TEST(JobRun, ComparesAnAnswerWithWhatTheStepExpects) {
    const Heard good = said(desk::brake), no = refused(desk::brake, uds::Nrc::request_out_of_range);
    EXPECT_EQ(outcome_of({}, good), Outcome::passed);
    EXPECT_EQ(outcome_of({}, no), Outcome::failed);
    EXPECT_EQ(outcome_of({Expected::any}, no), Outcome::passed);
    EXPECT_EQ(outcome_of({Expected::equals, {0x62, 0xF1, 0x90, 'V'}}, good), Outcome::passed);
    EXPECT_EQ(outcome_of({Expected::equals, {0x62, 0xF1, 0x90}}, good), Outcome::failed);
    EXPECT_EQ(outcome_of({Expected::prefix, {0x62, 0xF1, 0x90}}, good), Outcome::passed);
    EXPECT_EQ(outcome_of({Expected::prefix, {0x62, 0xF1, 0x90, 'V', 'W'}}, good), Outcome::failed);
    EXPECT_EQ(outcome_of({Expected::nrc, {}, uds::Nrc::request_out_of_range}, no), Outcome::passed);
    EXPECT_EQ(outcome_of({Expected::nrc, {}, uds::Nrc::request_out_of_range}, good), Outcome::failed);
    for (const auto kind : {Expected::positive, Expected::any, Expected::nrc})
        EXPECT_EQ(outcome_of({kind}, silent(desk::brake)), Outcome::silent) << "silence is never what one expects";
}

TEST(JobRun, NamesTheFaultOfEachStepThatDidNotPass) {
    JobRun run = plan({step(desk::read_vin, {Expected::equals, {0x62}}, OnFailure::carry_on),
                       step(desk::read_vin, {}, OnFailure::carry_on), step()},
                      {desk::brake});
    answer(run, 0, said(desk::brake));
    answer(run, 0, refused(desk::brake, uds::Nrc::security_access_denied));
    answer(run, 0, silent(desk::brake));
    const auto results = run.take_results();
    EXPECT_EQ(results.at(0).code, faults::unexpected_answer.code);
    EXPECT_EQ(results.at(1).code, uds::faults::refused.code);
    EXPECT_EQ(results.at(1).answer, (Bytes{0x7F, 0x22, 0x33}));
    EXPECT_EQ(results.at(2).code, uds::faults::no_answer.code);
    EXPECT_EQ(run.summary().code, faults::unexpected_answer.code) << "the first one";
}

TEST(JobRun, EndsALaneAtAFailureUnlessTheStepSaysToGoOn) {
    JobRun run = plan({step(), step(), step()}, {*ZoneName::parse("body")});
    answer(run, 0, refused(desk::window, uds::Nrc::conditions_not_correct));
    EXPECT_EQ(run.next(0), nullptr);
    ASSERT_NE(run.next(1), nullptr) << "the others go on";
    (void)run.take_results();
    for (int i = 0; i < 3; ++i) answer(run, 1, said(desk::door));
    EXPECT_TRUE(run.ended());
    const auto summary = run.summary();
    EXPECT_EQ(summary.ecus.at(0).steps, (Counts{.failed = 1, .left_out = 2}));
    EXPECT_EQ(summary.ecus.at(1).steps, (Counts{.passed = 3}));
}

TEST(JobRun, KeepsTheBeginningOfALongAnswerAndSaysSo) {
    JobRun run = plan({step()}, {desk::brake});
    answer(run, 0, said(desk::brake, Bytes(answer_bytes_max + 1, 0x62)));
    const StepResult result = run.take_results().at(0);
    EXPECT_TRUE(result.cut);
    EXPECT_EQ(result.answer.size(), answer_bytes_max);
    EXPECT_EQ(result.outcome, Outcome::passed);
}

TEST(JobRun, StopsBetweenStepsAndLetsABegunStepEnd) {
    JobRun run = plan({step(), step()}, {*ZoneName::parse("body")});
    ASSERT_NE(run.next(0), nullptr);
    ASSERT_NE(run.upcoming(1), nullptr);
    run.stop(Error(faults::cancelled));
    run.stop(Error(faults::out_of_time));
    EXPECT_EQ(run.next(1), nullptr) << "not begun";
    EXPECT_FALSE(run.ended()) << "one is still being asked";
    const Heard last = said(desk::window);
    run.on_answers(0, {&last, 1});
    EXPECT_EQ(run.next(0), nullptr);
    EXPECT_TRUE(run.ended());
    const auto summary = run.summary();
    EXPECT_EQ(summary.code, faults::cancelled.code) << "the first reason stays";
    EXPECT_EQ(summary.ecus.at(0).steps, (Counts{.passed = 1, .left_out = 1}));
    EXPECT_EQ(summary.ecus.at(1).steps, (Counts{.left_out = 2}));
    EXPECT_EQ(summary.ecus.at(1).code, faults::cancelled.code);
    EXPECT_EQ(run.take_results().size(), 4u);
}

TEST(JobRun, AsksAZoneOnceWhenAddressedFunctionallyAndMissesWhoIsSilent) {
    JobRun run = plan({step()}, {AllEcus{}, uds::Addressing::functional});
    ASSERT_EQ(run.lanes().size(), 3u) << "two zones, and the ECU on Ethernet";
    const auto body = std::ranges::find(run.lanes(), std::optional(desk::body_gateway), &Lane::zone_gateway);
    ASSERT_NE(body, run.lanes().end());
    EXPECT_EQ(body->ecus, (std::vector{desk::window, desk::door}));
    answer(run, static_cast<std::size_t>(body - run.lanes().begin()), said(desk::door));
    const auto results = run.take_results();
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results.at(0).outcome, Outcome::silent);
    EXPECT_EQ(results.at(1).outcome, Outcome::passed);
}

TEST(JobRun, SumsUpPerZone) {
    JobRun run = plan();
    for (std::size_t lane = 0; lane < run.lanes().size(); ++lane) {
        const EcuId ecu = run.lanes()[lane].ecus.at(0);
        const std::uint32_t took_ms = ecu == desk::door ? 250 : 3;
        answer(run, lane, ecu == desk::brake ? silent(ecu) : said(ecu, {0x62}, took_ms));
    }
    const auto zones = run.summary().zones;
    ASSERT_EQ(zones.size(), 3u);
    EXPECT_EQ(zones.at(0), (ZoneSummary{"", {.passed = 1}, 3, desk::radio}));
    EXPECT_EQ(zones.at(1), (ZoneSummary{"body", {.passed = 2}, 250, desk::door}));
    EXPECT_EQ(zones.at(2), (ZoneSummary{"chassis", {.silent = 1}, 0, desk::brake}));
    const auto unknown = summary_of_unknown({{desk::brake, "chassis"}}, Error(faults::interrupted), 2);
    EXPECT_EQ(unknown.zones.at(0).ecus, (Counts{.left_out = 1}));
    EXPECT_EQ(unknown.code, faults::interrupted.code);
}

TEST(Report, MeansTheSameAfterItWasWrittenAndRead) {
    JobRun run = plan({step(), step({0x14, 0xFF, 0xFF, 0xFF})});
    for (std::size_t lane = 0; lane < run.lanes().size(); ++lane) {
        const EcuId ecu = run.lanes()[lane].ecus.at(0);
        answer(run, lane, lane == 0 ? refused(ecu, uds::Nrc::request_out_of_range) : said(ecu));
    }
    run.stop(Error(faults::out_of_time));
    const JobId id = run.job().id;
    for (const Report& report : {Report{id, Accepted{}}, Report{id, Refused{"diagnosis.expired", "at noon"}},
                                 Report{std::nullopt, Refused{"uptane.wrong-role", ""}},
                                 Report{id, Results{run.take_results()}}, Report{id, Ended{run.summary()}}}) {
        const auto read = report_from_json(to_json(report));
        ASSERT_TRUE(read) << read.error().str();
        EXPECT_EQ(*read, report);
    }
}

TEST(Report, OfAVehicleIsNotBelievedWhenItIsMalformed) {
    json::Object report = to_json(Report{desk::job().id, Results{{StepResult{desk::brake}}}});
    json::Object& result = report["results"].as_array().at(0).as_object();
    const auto expect_bad = [&](std::string_view name, const json::Value& value) {
        const json::Value before = result[name];
        result[name] = value;
        EXPECT_TRUE(report_from_json(report).error().is(faults::bad_job)) << name;
        result[name] = before;
    };
    ASSERT_TRUE(report_from_json(report));
    expect_bad("outcome", "splendid");
    expect_bad("answer", json::Value(std::string(2 * answer_bytes_max + 2, '0')));
    expect_bad("code", json::Value(std::string(code_size_max + 1, 'c')));
    report["kind"] = "gossip";
    EXPECT_TRUE(report_from_json(report).error().is(faults::bad_job));
    EXPECT_FALSE(report_from_json(json::Object{{"kind", "accepted"}, {"job_id", nullptr}})) << "of which job?";
}

}  // namespace
}  // namespace pitstop::diagnosis
