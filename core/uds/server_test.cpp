#include "core/uds/server.h"

#include "core/uds/sample_ecu_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace std::chrono_literals;

struct Judged {
    const char* what;
    Bytes request, answer;
};

TEST(Server, RefusesInTheOrderOfTheStandard) {
    const Judged rows[] = {
        {"a service that does not exist", {0xBA}, {0x7F, 0xBA, 0x11}},
        {"a service that we do not have", {0x27, 0x01}, {0x7F, 0x27, 0x11}},
        {"the wrong session before the wrong length", {0x34}, {0x7F, 0x34, 0x7F}},
        {"the wrong session before the sub-function", {0x85, 0x77}, {0x7F, 0x85, 0x7F}},
        {"no sub-function byte", {0x10}, {0x7F, 0x10, 0x13}},
        {"an unknown sub-function before the wrong length", {0x10, 0x44, 0x00}, {0x7F, 0x10, 0x12}},
        {"a sub-function with too much behind it", {0x10, 0x03, 0x00}, {0x7F, 0x10, 0x13}},
        {"a routine to be stopped", {0x31, 0x02, 0xFF, 0x00}, {0x7F, 0x31, 0x12}},
        {"half a routine identifier", {0x31, 0x01, 0xFF}, {0x7F, 0x31, 0x13}},
        {"an unknown routine", {0x31, 0x01, 0x12, 0x34}, {0x7F, 0x31, 0x31}},
        {"no identifier", {0x22}, {0x7F, 0x22, 0x13}},
        {"half an identifier", {0x22, 0xF1, 0x90, 0xF1}, {0x7F, 0x22, 0x13}},
        {"only unknown identifiers", {0x22, 0x00, 0x01, 0x00, 0x02}, {0x7F, 0x22, 0x31}},
        {"an identifier that needs more rights", {0x22, 0xF1, 0x90, 0xF1, 0x8C}, {0x7F, 0x22, 0x33}},
        {"an unknown kind of reset", {0x11, 0x04}, {0x7F, 0x11, 0x12}},
        {"a long TesterPresent", {0x3E, 0x00, 0x00}, {0x7F, 0x3E, 0x13}},
    };
    for (const auto& row : rows) {
        Bench bench;
        EXPECT_EQ(bench.ask_bytes(row.request), row.answer) << row.what;
    }
}

TEST(Server, RefusesMoreIdentifiersThanItsLimit) {
    Bench bench;
    Bytes request{0x22};
    for (std::size_t i = 0; i <= dids_per_request_max; ++i) request.insert(request.end(), {0xF1, 0x89});
    EXPECT_EQ(bench.ask_bytes(request), (Bytes{0x7F, 0x22, 0x13}));
    request.resize(request.size() - 2);
    EXPECT_EQ(bench.ask_bytes(request).size(), 1 + dids_per_request_max * 7);
}

TEST(Server, RefusesAnAnswerThatDoesNotFitItsStorage) {
    Bench bench(16);
    EXPECT_EQ(bench.ask({0x22, 0xF1, 0x90}), (Bytes{0x7F, 0x22, 0x14}));
    EXPECT_EQ(bench.ask({0x22, 0xF1, 0x89}), (Bytes{0x62, 0xF1, 0x89, '1', '.', '2', '.', '3'}));
}

TEST(Server, KeepsSilentWhereAFunctionalRequestDoesNotConcernIt) {
    Bench bench;
    EXPECT_TRUE(bench.ask({0xBA}, Addressing::functional).empty());
    EXPECT_TRUE(bench.ask({0x10, 0x44}, Addressing::functional).empty());
    EXPECT_TRUE(bench.ask({0x22, 0x00, 0x01}, Addressing::functional).empty());
    EXPECT_TRUE(bench.ask({0x85, 0x01}, Addressing::functional).empty());
    EXPECT_EQ(bench.ask({0x10, 0x03, 0x00}, Addressing::functional), (Bytes{0x7F, 0x10, 0x13}));
    EXPECT_EQ(bench.ask({0x3E, 0x00}, Addressing::functional), (Bytes{0x7E, 0x00}));
    EXPECT_FALSE(bench.server.busy());
}

TEST(Server, LeavesUnknownIdentifiersOutOfTheAnswer) {
    Bench bench;
    EXPECT_EQ(bench.ask({0x22, 0x12, 0x34, 0xF1, 0x89, 0xF1, 0x86}),
              (Bytes{0x62, 0xF1, 0x89, '1', '.', '2', '.', '3', 0xF1, 0x86, 0x01}));
}

TEST(Server, TellsItsTimingsWhenASessionIsEntered) {
    Bench bench;
    EXPECT_EQ(bench.ask({0x10, 0x03}), (Bytes{0x50, 0x03, 0x00, 0x32, 0x01, 0xF4}));
    EXPECT_EQ(bench.server.session(), Session::extended);
    EXPECT_EQ(bench.ecu.sessions, std::vector{Session::extended});
}

TEST(Server, StaysWhereItIsWhenTheApplicationRefusesASession) {
    Bench bench;
    bench.ecu.may_enter = Nrc::conditions_not_correct;
    EXPECT_EQ(bench.ask({0x10, 0x02}), (Bytes{0x7F, 0x10, 0x22}));
    EXPECT_EQ(bench.server.session(), Session::default_);
    EXPECT_TRUE(bench.ecu.sessions.empty());
}

TEST(Server, SaysNothingPositiveWhenAskedNotTo) {
    Bench bench;
    EXPECT_TRUE(bench.ask({0x10, 0x83}).empty());
    EXPECT_EQ(bench.server.session(), Session::extended);
    EXPECT_TRUE(bench.ask({0x85, 0x82}).empty());
    EXPECT_TRUE(bench.ask({0x28, 0x83, 0x01}).empty());
    EXPECT_EQ(bench.ask({0x28, 0x83, 0x00}), (Bytes{0x7F, 0x28, 0x31}));  // a refusal is said all the same
}

TEST(Server, LeavesASessionAfterFiveSecondsOfSilence) {
    Bench bench;
    bench.ask({0x10, 0x03});
    bench.pass(4999ms);
    EXPECT_TRUE(bench.said().empty());
    EXPECT_EQ(bench.server.session(), Session::extended);
    EXPECT_TRUE(bench.ask({0x3E, 0x80}).empty());  // any request starts the time anew, said or unsaid
    bench.pass(4999ms);
    bench.ask({0xBA});
    bench.pass(4999ms);
    EXPECT_EQ(bench.ask({0x22, 0xF1, 0x86}), (Bytes{0x62, 0xF1, 0x86, 0x03}));
    bench.pass(5000ms);
    EXPECT_EQ(bench.server.deadline(), bench.now);
    EXPECT_EQ(bench.ask({0x22, 0xF1, 0x86}), (Bytes{0x62, 0xF1, 0x86, 0x01}));
    EXPECT_EQ(bench.ecu.sessions.back(), Session::default_);
    EXPECT_EQ(bench.server.deadline(), std::nullopt);
}

TEST(Server, StaysInItsSessionWhileALongRequestComes) {
    Bench bench;
    bench.ask({0x10, 0x03});
    bench.pass(4900ms);
    bench.server.on_request_begins(bench.now);
    EXPECT_EQ(bench.server.deadline(), std::nullopt);
    bench.pass(60s);
    EXPECT_TRUE(bench.said().empty());
    EXPECT_TRUE(bench.ask({0x3E, 0x80}, Addressing::functional).empty());
    bench.pass(6s);
    EXPECT_TRUE(bench.said().empty());
    EXPECT_EQ(bench.ask({0x22, 0xF1, 0x86}), (Bytes{0x62, 0xF1, 0x86, 0x03}));

    bench.server.on_request_begins(bench.now);
    bench.pass(6s);
    bench.server.on_request_lost(bench.now);
    bench.pass(4999ms);
    EXPECT_TRUE(bench.said().empty());
    EXPECT_EQ(bench.server.session(), Session::extended) << "S3 began when it was lost";
    bench.pass(1ms);
    bench.server.on_request_begins(bench.now);
    EXPECT_EQ(bench.server.session(), Session::default_) << "which came too late";
    bench.server.on_request_lost(bench.now);
    bench.ask({0x10, 0x03});
    bench.pass(4900ms);
    bench.server.on_request_lost(bench.now);
    bench.pass(100ms);
    EXPECT_TRUE(bench.said().empty());
    EXPECT_EQ(bench.server.session(), Session::default_) << "nothing had begun, so nothing was prolonged";
}

TEST(Server, AnswersWorkThatIsSoonDoneWithoutSayingPending) {
    Bench bench;
    EXPECT_TRUE(bench.ask({0x31, 0x01, 0xFF, 0x00}).empty());  // poll() does one of three steps
    EXPECT_TRUE(bench.said().empty());
    EXPECT_EQ(bench.said(), (Bytes{0x71, 0x01, 0xFF, 0x00, 0x5A}));
}

TEST(Server, SaysPendingWithinP2AndThenWithinP2Star) {
    Bench bench;
    bench.ecu.step_takes = 2s;
    EXPECT_TRUE(bench.ask({0x31, 0x01, 0xFF, 0x00}).empty());
    bench.now = *bench.server.deadline();
    EXPECT_LT(bench.now, Tick{1'000'000} + 50ms);
    EXPECT_EQ(bench.said(), (Bytes{0x7F, 0x31, 0x78}));
    bench.now = Tick{1'000'000} + 2s;
    EXPECT_TRUE(bench.said().empty());  // a step was due, the next 0x78 is not
    bench.now = *bench.server.deadline();
    EXPECT_EQ(bench.said(), (Bytes{0x7F, 0x31, 0x78}));
    bench.now = *bench.server.deadline();
    EXPECT_TRUE(bench.said().empty());
    bench.now = *bench.server.deadline();
    for (int i = 0; i < 3 && bench.server.busy(); ++i, bench.now = *bench.server.deadline())
        if (const auto said = bench.said(); said != Bytes{0x7F, 0x31, 0x78} && !said.empty()) {
            EXPECT_EQ(said, (Bytes{0x71, 0x01, 0xFF, 0x00, 0x5A}));
            return;
        }
    FAIL() << "the answer never came";
}

TEST(Server, GivesTheFinalAnswerOnceItSaidPendingEvenIfItShouldBeSilent) {
    Bench bench;
    bench.ecu.step_takes = 100ms;
    EXPECT_TRUE(bench.ask({0x31, 0x81, 0xFF, 0x00, 0x01}).empty());
    bench.pass(25ms);
    EXPECT_EQ(bench.said(), (Bytes{0x7F, 0x31, 0x78}));
    bench.pass(100ms);
    EXPECT_EQ(bench.said(), (Bytes{0x71, 0x01, 0xFF, 0x00, 0x5A}));
}

TEST(Server, GivesTheRefusalOfLongWork) {
    Bench bench;
    bench.ecu.at_the_end = Nrc::general_programming_failure;
    EXPECT_EQ(bench.ask({0x31, 0x01, 0xFF, 0x00, 0x01}), (Bytes{0x7F, 0x31, 0x72}));
}

TEST(Server, RefusesASecondRequestWhileItWorks) {
    Bench bench;
    bench.ecu.step_takes = 10ms;
    bench.ask({0x31, 0x01, 0xFF, 0x00, 0x01});
    const Bytes second{0x22, 0xF1, 0x90}, alive{0x3E, 0x80};
    EXPECT_EQ(bench.server.on_request(alive, Addressing::functional, bench.now), Intake::dropped);
    EXPECT_EQ(bench.server.on_request(second, Addressing::physical, bench.now), Intake::refused_busy);
    EXPECT_EQ(bench.said(), (Bytes{0x7F, 0x22, 0x21}));
    bench.pass(10ms);
    EXPECT_EQ(bench.said(), (Bytes{0x71, 0x01, 0xFF, 0x00, 0x5A}));
}

TEST(Server, DoesNotLeaveASessionWhileItWorks) {
    Bench bench;
    bench.ask({0x10, 0x02});
    bench.ecu.step_takes = 30s;
    bench.ask({0x31, 0x01, 0xFF, 0x00, 0x01});
    bench.pass(25s);
    EXPECT_EQ(bench.said(), (Bytes{0x7F, 0x31, 0x78}));
    EXPECT_EQ(bench.server.session(), Session::programming);
    bench.pass(5s);
    EXPECT_EQ(bench.said().front(), 0x71);
    bench.pass(4999ms);
    EXPECT_TRUE(bench.said().empty());
    EXPECT_EQ(bench.server.session(), Session::programming);
}

TEST(Server, DropsAnEmptyMessage) {
    Bench bench;
    EXPECT_EQ(bench.server.on_request({}, Addressing::physical, bench.now), Intake::dropped);
    EXPECT_TRUE(bench.said().empty());
}

TEST(Server, AnswersAResetBeforeItHappens) {
    Bench bench;
    EXPECT_EQ(bench.ask({0x11, 0x01}), (Bytes{0x51, 0x01}));
    EXPECT_EQ(bench.ecu.resets, std::vector{ResetType::hard});
}

}  // namespace
}  // namespace pitstop::uds
