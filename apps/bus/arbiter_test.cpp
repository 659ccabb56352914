#include "apps/bus/arbiter.h"

#include "apps/bus/faults.h"

#include <gtest/gtest.h>
#include <vector>

namespace pitstop::bus {
namespace {

using namespace std::chrono_literals;

isotp::CanFrame frame_of(std::uint32_t id, bool extended = false, bool fd = false) {
    isotp::CanFrame frame;
    frame.id = {id, extended};
    frame.fd = fd;
    frame.size = 8;
    return frame;
}

Nanos duration(const isotp::CanFrame& frame) { return isotp::duration_of(isotp::bits_of(frame), {}); }

std::vector<std::uint32_t> ids_until(Arbiter& arbiter, Nanos now) {
    std::vector<std::uint32_t> ids;
    while (auto passed = arbiter.take(now)) ids.push_back(passed->frame.id.value);
    return ids;
}

TEST(Arbiter, TheLowestIdentifierThatWaitedWinsAndAFrameOnTheBusIsNotInterrupted) {
    Arbiter arbiter({}, 1.0);
    ASSERT_TRUE(arbiter.offer(1, frame_of(0x500), 0ns));
    ASSERT_TRUE(arbiter.offer(1, frame_of(0x100), 1ns));
    ASSERT_TRUE(arbiter.offer(2, frame_of(0x300), 2ns));
    ASSERT_TRUE(arbiter.offer(3, frame_of(0x200), 3ns));
    ASSERT_TRUE(arbiter.offer(3, frame_of(0x001), 4ns));
    EXPECT_EQ(ids_until(arbiter, 1s), (std::vector<std::uint32_t>{0x500, 0x100, 0x200, 0x001, 0x300}));
}

TEST(Arbiter, TheWireOrderOfTheArbitrationFieldDecides) {
    EXPECT_LT(arbitration_key(frame_of(0x123)), arbitration_key(frame_of(0x124)));
    EXPECT_LT(arbitration_key(frame_of(0x123)), arbitration_key(frame_of(0x123 << 18, true))) << "base beats extended";
    EXPECT_LT(arbitration_key(frame_of(0x123 << 18 | 0x3FFFF, true)), arbitration_key(frame_of(0x124)));
    EXPECT_LT(arbitration_key(frame_of(0x123)), arbitration_key(frame_of(0x123, false, true))) << "classic beats FD";
    EXPECT_LT(arbitration_key(frame_of(0x1FFFFFFE, true, true)), arbitration_key(frame_of(0x1FFFFFFF, true)));
}

TEST(Arbiter, EachFrameHoldsTheBusForItsExactTime) {
    Arbiter arbiter({}, 1.0);
    const auto frame = frame_of(0x123);
    ASSERT_TRUE(arbiter.offer(1, frame, 1ms));
    EXPECT_EQ(arbiter.next_end(), 1ms + duration(frame));
    EXPECT_FALSE(arbiter.take(1ms + duration(frame) - 1ns));
    const auto passed = arbiter.take(1ms + duration(frame));
    ASSERT_TRUE(passed);
    EXPECT_EQ(passed->start, 1ms);
    EXPECT_FALSE(arbiter.next_end());
}

TEST(Arbiter, ALateTimerCostsNoBandwidthAndLetsNobodyWinWhoCameLater) {
    Arbiter arbiter({}, 1.0);
    const auto frame = frame_of(0x400);
    const Nanos one = duration(frame);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(arbiter.offer(1, frame, 0ns));
    ASSERT_TRUE(arbiter.offer(2, frame_of(0x100), one * 5 + 1ns));  // waits from the middle of the sixth frame on
    std::vector<std::uint32_t> ids;
    Nanos last{0};
    while (auto passed = arbiter.take(1h)) {
        EXPECT_EQ(passed->start, last) << "no gap on a busy bus";
        last = passed->end;
        ids.push_back(passed->frame.id.value);
    }
    ASSERT_EQ(ids.size(), 11U);
    EXPECT_EQ(ids[6], 0x100U);
    EXPECT_EQ(arbiter.load().busy, last);
    EXPECT_EQ(arbiter.load().frames, 11U);
    EXPECT_EQ(arbiter.load().payload_bytes, 88U);
}

TEST(Arbiter, AnIdleBusStartsWhenTheFrameArrives) {
    Arbiter arbiter({}, 1.0);
    ASSERT_TRUE(arbiter.offer(1, frame_of(1), 0ns));
    ASSERT_TRUE(arbiter.take(1s));
    ASSERT_TRUE(arbiter.offer(1, frame_of(1), 5s));
    EXPECT_EQ(arbiter.take(1h)->start, 5s);
}

TEST(Arbiter, ForgetsWhatANodeThatLeftHadWaiting) {
    Arbiter arbiter({}, 1.0);
    ASSERT_TRUE(arbiter.offer(1, frame_of(1), 0ns));
    ASSERT_TRUE(arbiter.offer(1, frame_of(2), 0ns));
    ASSERT_TRUE(arbiter.offer(2, frame_of(3), 0ns));
    arbiter.forget(1);
    EXPECT_EQ(ids_until(arbiter, 1s), (std::vector<std::uint32_t>{1, 3}));
}

TEST(Arbiter, TakesNoMoreOfANodeThanItsQueueHolds) {
    Arbiter arbiter({}, 1.0);
    for (int i = 0; i <= queue_depth; ++i)
        ASSERT_TRUE(arbiter.offer(1, frame_of(1), 0ns)) << "one on the bus, the others waiting";
    EXPECT_TRUE(arbiter.offer(1, frame_of(1), 0ns).error().is(faults::too_fast));
    EXPECT_TRUE(arbiter.offer(2, frame_of(1), 0ns));
    ASSERT_TRUE(arbiter.take(1s));
    EXPECT_TRUE(arbiter.offer(1, frame_of(1), 0ns));
}

TEST(Arbiter, TimeCanBeScaledDownToNothing) {
    Arbiter half({}, 0.5), none({}, 0.0);
    ASSERT_TRUE(half.offer(1, frame_of(1), 0ns));
    ASSERT_TRUE(none.offer(1, frame_of(1), 0ns));
    EXPECT_EQ(half.next_end(), duration(frame_of(1)) / 2);
    EXPECT_TRUE(none.take(0ns));
}

}  // namespace
}  // namespace pitstop::bus
