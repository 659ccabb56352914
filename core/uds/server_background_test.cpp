// What goes on after its request was answered: answers go first, and requests do not overtake a step that lasts.
#include "core/uds/sample_ecu_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace std::chrono_literals;

const Bytes alive{0x7E, 0x00}, erased{0x71, 0x01, 0xFF, 0x00, 0x5A};

struct Background : testing::Test, Bench {
    Background() {
        ecu.background_steps_left = 3;
        ecu.step_takes = 20ms;
    }
    Bytes erase(std::uint8_t steps) { return ask({0x31, 0x01, 0xFF, 0x00, steps}); }
};

TEST_F(Background, BeginsOnlyAfterTheAnswerCouldBeSent) {
    EXPECT_EQ(ask({0x3E, 0x00}), alive);
    EXPECT_EQ(ecu.background_steps_left, 3);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(ecu.background_steps_left, 3) << "the poll with which the caller learns that it may send";
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(ecu.background_steps_left, 2);
}

TEST_F(Background, NeedsNoRequestAndNoSession) {
    ASSERT_TRUE(server.deadline());
    EXPECT_LE(*server.deadline(), now);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(ecu.background_steps_left, 2);
}

TEST_F(Background, TakesAsLongAsItsStepsSay) {
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(server.deadline(), now + 20ms);
    pass(19ms);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(ecu.background_steps_left, 2);
    pass(1ms);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(ecu.background_steps_left, 1);
    pass(20ms);
    EXPECT_TRUE(said().empty());
    EXPECT_FALSE(server.deadline()) << "nothing is left";
}

TEST_F(Background, LetsARequestBeAnsweredInTheMiddleOfAStep) {
    EXPECT_TRUE(said().empty());
    pass(5ms);
    EXPECT_EQ(ask({0x3E, 0x00}), alive);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(ecu.background_steps_left, 2);
    EXPECT_EQ(server.deadline(), now + 15ms);
}

TEST_F(Background, HoldsUpTheStepsOfARequestUntilItsOwnIsOver) {
    EXPECT_TRUE(said().empty());
    pass(5ms);
    ecu.step_takes = 0ms;
    EXPECT_TRUE(erase(1).empty());
    EXPECT_EQ(server.deadline(), now + 15ms);
    pass(15ms);
    EXPECT_EQ(said(), erased);
}

TEST_F(Background, RestsWhileARequestIsWorkedOn) {
    EXPECT_TRUE(erase(2).empty());
    pass(20ms);
    EXPECT_TRUE(said().empty());
    pass(20ms);
    EXPECT_EQ(said(), erased);
    EXPECT_EQ(ecu.background_steps_left, 3);
}

TEST_F(Background, KeepsNoSessionAlive) {
    EXPECT_EQ(ask({0x10, 0x03})[0], 0x50);
    EXPECT_TRUE(said().empty());
    for (int i = 0; i < 3; ++i) {
        pass(1s);
        EXPECT_TRUE(said().empty());
    }
    EXPECT_EQ(ecu.background_steps_left, 0);
    EXPECT_EQ(server.deadline(), now + 2s);
    pass(2s);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(server.session(), Session::default_);
}

}  // namespace
}  // namespace pitstop::uds
