#include "apps/bus/arbiter.h"

#include "apps/bus/faults.h"

#include <gtest/gtest.h>
#include <algorithm>
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
    EXPECT_EQ(arbiter.next_look(), 1ms + duration(frame));
    EXPECT_FALSE(arbiter.take(1ms + duration(frame) - 1ns));
    const auto passed = arbiter.take(1ms + duration(frame));
    ASSERT_TRUE(passed);
    EXPECT_EQ(passed->start, 1ms);
    EXPECT_FALSE(arbiter.next_look());
}

TEST(Arbiter, IsLookedAtForSeveralFramesAtOnceWhileOthersWait) {
    Arbiter arbiter({}, 1.0), slow({1000, 1000}, 1.0);
    const auto frame = frame_of(0x123);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(arbiter.offer(1, frame, 0ns));
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(slow.offer(1, frame, 0ns));
    EXPECT_EQ(arbiter.next_look(), 3 * duration(frame)) << "as the last one ends";
    EXPECT_EQ(ids_until(arbiter, *arbiter.next_look()).size(), 3U);
    EXPECT_EQ(*slow.next_look() - isotp::duration_of(isotp::bits_of(frame), {1000, 1000}), 1ms);
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
    EXPECT_EQ(half.next_look(), duration(frame_of(1)) / 2);
    EXPECT_TRUE(none.take(0ns));
}

TEST(Arbiter, AFrameThatHasWaitedBeganWhenTheBusWasFreeHoweverLateItWasOffered) {
    Arbiter arbiter({}, 1.0);
    ASSERT_TRUE(arbiter.offer(1, frame_of(1), 0ns));
    const Nanos first_end = arbiter.take(1s)->end;
    ASSERT_TRUE(arbiter.offer(1, frame_of(1), first_end + 1us));
    EXPECT_EQ(arbiter.take(1s)->start, first_end + 1us);
    ASSERT_TRUE(arbiter.offer(1, frame_of(1), 0ns));
    EXPECT_GE(arbiter.take(1s)->start, first_end + 1us + duration(frame_of(1))) << "never into what has passed";
}

// 1000 frames on a bus with these faults.
struct Disturbed {
    explicit Disturbed(const FaultSettings& faults) : arbiter({}, 1.0, Disturbance(faults)) {
        for (int i = 0; i < 1000; ++i) {
            auto frame = frame_of(0x100);
            store_be<std::uint32_t>(frame.data.data(), static_cast<std::uint32_t>(i));
            EXPECT_TRUE(arbiter.offer(1, frame, Nanos(0)));
            while (auto passed = arbiter.take(1h)) all.push_back(*passed);
        }
    }
    std::size_t count(Fate fate) const {
        return static_cast<std::size_t>(std::ranges::count(all, fate, &Passed::fate));
    }
    Arbiter arbiter;
    std::vector<Passed> all;
};

TEST(Disturbance, AnErrorFrameCostsItsBitsAndTheFrameIsRepeatedUntilItPasses) {
    const Disturbed bus({.seed = 7, .error_per_million = 100'000});
    EXPECT_EQ(bus.count(Fate::passes), 1000U);
    EXPECT_GT(bus.count(Fate::destroyed), 60U);
    EXPECT_LT(bus.count(Fate::destroyed), 160U);
    EXPECT_EQ(bus.arbiter.load().frames, 1000U);
    EXPECT_EQ(bus.arbiter.load().error_frames, bus.count(Fate::destroyed));
    Nanos end{0}, busy{0};
    std::uint32_t expected = 0;
    for (const Passed& each : bus.all) {
        EXPECT_EQ(each.start, end) << "the bus is never idle";
        end = each.end;
        busy += each.end - each.start;
        EXPECT_EQ(load_be<std::uint32_t>(each.frame.data.data()), expected) << "in order, none skipped";
        if (each.fate == Fate::passes) ++expected;
        const auto least = duration(frame_of(0)) * (error_frame_bits + 2) / 200;
        EXPECT_GE(each.end - each.start, least);
        EXPECT_LE(each.end - each.start, duration(each.frame) + Nanos(2'000) * error_frame_bits);
    }
    EXPECT_EQ(bus.arbiter.load().busy, busy);
}

TEST(Disturbance, TheSameSeedDisturbsTheSameFramesAndAnotherOneOthers) {
    const FaultSettings faults{.seed = 7, .error_per_million = 50'000, .double_per_million = 20'000};
    const Disturbed one(faults), two(faults);
    FaultSettings other = faults;
    other.seed = 8;
    const Disturbed three(other);
    EXPECT_TRUE(std::ranges::equal(one.all, two.all, {}, &Passed::end, &Passed::end));
    EXPECT_FALSE(std::ranges::equal(one.all, three.all, {}, &Passed::end, &Passed::end));
    EXPECT_GT(one.count(Fate::doubled), 5U);
}

TEST(Disturbance, EachNodeHasItsOwnLuck) {
    const Disturbance disturbance({.seed = 3, .loss_per_million = 500'000});
    std::size_t one = 0, both = 0;
    for (std::uint64_t frame = 0; frame < 1000; ++frame) {
        const bool first = disturbance.hearing(frame, 1) == Hearing::misses;
        one += first ? 1 : 0;
        both += first && disturbance.hearing(frame, 2) == Hearing::misses ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(one), 500, 60);
    EXPECT_NEAR(static_cast<double>(both), 250, 60);
    EXPECT_EQ(Disturbance().hearing(1, 1), Hearing::hears);
    EXPECT_EQ(Disturbance().fate_of(1), Fate::passes);
}

TEST(Disturbance, AnErrorStrikesAnyBitOfAFrameAndEndsAtTheNominalRate) {
    const Disturbance disturbance({.seed = 3});
    isotp::CanFrame big = frame_of(0x123, false, true);
    big.brs = true;
    big.size = 64;
    const isotp::FrameBits whole = isotp::bits_of(big);
    bool early = false, late = false;
    for (std::uint64_t number = 0; number < 500; ++number) {
        const auto cut = disturbance.cut(whole, number, Fate::destroyed);
        EXPECT_LE(cut.data, whole.data);
        EXPECT_LT(cut.nominal + cut.data, whole.nominal + whole.data + error_frame_bits);
        EXPECT_GE(cut.nominal, error_frame_bits + 2);
        early = early || cut.data == 0;
        late = late || cut.data == whole.data;
    }
    EXPECT_TRUE(early && late);
}

}  // namespace
}  // namespace pitstop::bus
