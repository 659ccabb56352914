#include "apps/pitstop/diag_job_order.h"

#include "apps/pitstop/faults.h"

#include <gtest/gtest.h>
#include <sstream>

namespace pitstop::cli {
namespace {

using diagnosis::Expected;

TEST(DiagJob, StepsSayWhatIsAskedAndWhatIsExpected) {
    EXPECT_EQ(step_from("22F190")->request, (Bytes{0x22, 0xF1, 0x90}));
    EXPECT_EQ(step_from("22f190")->expect.kind, Expected::positive);
    EXPECT_EQ(step_from("3e00=any")->expect.kind, Expected::any);
    EXPECT_EQ(step_from("1902ff=5902")->expect, (diagnosis::Expectation{Expected::prefix, {0x59, 0x02}}));
    EXPECT_EQ(step_from("3e00==7e00")->expect, (diagnosis::Expectation{Expected::equals, {0x7E, 0x00}}));
    EXPECT_EQ(step_from("14ffffff=!22")->expect,
              (diagnosis::Expectation{Expected::nrc, {}, uds::Nrc::conditions_not_correct}));
    for (const char* bad : {"", "2", "xy", "22f190=", "22f190=!", "22f190=!2233", "=62"}) {
        const auto step = step_from(bad);
        EXPECT_TRUE(!step && step.error().is(faults::bad_step)) << bad;
    }
}

TEST(DiagJob, OptionsBecomeAWish) {
    JobOptions options{.dids = {"F190", "F189"}, .steps = {"3e00"}, .ignition = "on"};
    options.zone = "body";
    options.functional = options.parked = options.go_on = true;
    const auto wish = wish_from(options);
    ASSERT_TRUE(wish) << wish.error().str();
    EXPECT_EQ(wish->steps.size(), 3u);
    EXPECT_EQ(wish->steps.at(1).request, (Bytes{0x22, 0xF1, 0x89}));
    EXPECT_EQ(wish->steps.at(2).on_failure, diagnosis::OnFailure::carry_on);
    EXPECT_EQ(wish->target.addressing, uds::Addressing::functional);
    EXPECT_EQ(wish->requirements.motion, vehicle::Motion::parked);
    EXPECT_TRUE(wish_from({.dids = {"F19"}}).error().is(faults::bad_did));
    EXPECT_FALSE(wish_from({})) << "a job without steps";
}

TEST(DiagJob, IsShownWithClearTextAndItsEndDecidesTheExitCode) {
    const auto job = json::parse(view_of(R"({"job_id":"j","state":"failed","code":"uds.refused","detail":"",
        "steps":[{"name":"read F190","request":"22f190","results":[
            {"ecu_id":"ECU_011","outcome":"passed","answer":"62f190574155","nrc_text":null,"code":"","took_ms":3},
            {"ecu_id":"ECU_012","outcome":"failed","answer":"7f2231","nrc_name":"requestOutOfRange",
             "nrc_text":"unknown\u0007 there","code":"uds.refused","took_ms":4}]}],
        "summary":{"code":"uds.refused","ecus":[],"zones":[{"zone":"body","passed":1,"failed":1,"silent":0,"left_out":0,
            "slowest_ecu":"ECU_012","slowest_ms":4}]}})"),
                                 4096);
    std::ostringstream out;
    print_job(job->as_object(), out);
    EXPECT_NE(out.str().find("\"WAU\""), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("requestOutOfRange: unknown? there"), std::string::npos) << "nothing steers the terminal";
    EXPECT_TRUE(job_has_ended(job->as_object()));
    EXPECT_TRUE(check_passed(job->as_object()).error().is(faults::job_failed));
}

}  // namespace
}  // namespace pitstop::cli
