// What goes wrong on a bus, and what forged frames try: a fault says what, nothing hangs, nothing is written past its
// room.
#include "core/isotp/endpoint.h"

#include "core/isotp/faults.h"
#include "core/isotp/pair_test.h"

#include <gtest/gtest.h>

namespace pitstop::isotp {
namespace {

using std::chrono::milliseconds;
using testing::Alone;
using testing::classic;
using testing::Fate;
using testing::fd;
using testing::from_peer;
using testing::message_of;
using testing::Pair;

std::string send_failed(const Fault& fault) { return "send " + std::string(fault.code); }
std::string receive_failed(const Fault& fault) { return "receive " + std::string(fault.code); }

TEST(Endpoint, RefusesSettingsThatContradictTheStandard) {
    Bytes room(10);
    const auto refused = [&](auto change) {
        Settings settings = classic(0x7E0, 0x7E8);
        change(settings);
        const auto made = Endpoint::make(settings, room);
        return !made && made.error().is(faults::bad_settings);
    };
    EXPECT_FALSE(refused([](Settings&) {}));
    EXPECT_TRUE(refused([](Settings& s) { s.receive.id.value = 0x800; }));
    EXPECT_TRUE(refused([](Settings& s) { s.receive = s.form.address; }));
    EXPECT_TRUE(refused([](Settings& s) { s.form.frame_size = 64; }));
    EXPECT_TRUE(refused([](Settings& s) { s.form.brs = true; }));
    EXPECT_TRUE(refused([](Settings& s) { s.form.fd = true, s.form.frame_size = 9; }));
    EXPECT_TRUE(refused([](Settings& s) { s.form.frame_size = 7; }));
    EXPECT_TRUE(refused([](Settings& s) { s.sending.in_flight_max = 0; }));
    EXPECT_TRUE(Endpoint::make(classic(1, 2), Room()).error().is(faults::bad_settings));
}

TEST(Endpoint, SendsNothingEmptyNothingTooLongAndOneMessageAtATime) {
    Settings settings = classic(0x7E0, 0x7E8);
    settings.sending.message_size_max = 100;
    Alone side(settings);
    const Bytes message = message_of(101);
    EXPECT_TRUE(side.endpoint.send({}, side.now).error().is(faults::bad_size));
    EXPECT_TRUE(side.endpoint.send(message, side.now).error().is(faults::bad_size));
    EXPECT_TRUE(side.endpoint.send(View(message).first(100), side.now));
    EXPECT_TRUE(side.endpoint.send(View(message).first(100), side.now).error().is(faults::busy));
}

TEST(Endpoint, GivesUpWhenTheBusTakesNoFrame) {
    Alone side;
    const Bytes message = message_of(20);
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    side.later(milliseconds(999));
    EXPECT_TRUE(side.failures.empty());
    side.later(milliseconds(1));
    EXPECT_EQ(side.failures, std::vector{send_failed(faults::not_transmitted)});

    // The late confirmation of the dead message is not one of the next message.
    ASSERT_TRUE(side.endpoint.send(View(message).first(3), side.now));
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    side.endpoint.on_confirmed(side.now);
    side.collect(side.now);
    EXPECT_EQ(side.sent, 0U);
    side.endpoint.on_confirmed(side.now);
    side.collect(side.now);
    EXPECT_EQ(side.sent, 1U);
}

TEST(Endpoint, GivesUpWhenNobodyAsksForTheFirstFrameOrTakesTheFlowControl) {
    Alone side;
    const Bytes message = message_of(3);
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    side.later(milliseconds(1000));
    EXPECT_EQ(side.failures, std::vector{send_failed(faults::not_transmitted)});
    side.failures.clear();
    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    side.later(milliseconds(1000));
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::not_transmitted)});
}

TEST(Endpoint, GivesUpWhenFlowControlDoesNotCome) {
    Alone side;
    const Bytes message = message_of(20);
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.speak());
    side.later(milliseconds(999));
    side.hear({0x31, 0, 0});  // a wait starts the time anew
    side.later(milliseconds(999));
    EXPECT_TRUE(side.failures.empty());
    side.later(milliseconds(1));
    EXPECT_EQ(side.failures, std::vector{send_failed(faults::no_flow_control)});
    EXPECT_FALSE(side.endpoint.deadline());
}

TEST(Endpoint, GivesUpOnAReceiverThatWaitsForEverHasNoRoomOrTalksNonsense) {
    const Bytes message = message_of(20);
    Settings patient_twice = classic(0x7E0, 0x7E8);
    patient_twice.sending.waits_max = 2;
    Alone side(patient_twice);
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.speak());
    for (int i = 0; i < 3; ++i) side.hear({0x31, 0, 0});
    EXPECT_EQ(side.failures.back(), send_failed(faults::too_many_waits));

    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.speak());
    side.hear({0x32, 0, 0});
    EXPECT_EQ(side.failures.back(), send_failed(faults::receiver_full));

    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.speak());
    side.hear({0x37, 0, 0});
    EXPECT_EQ(side.failures.back(), send_failed(faults::bad_flow_status));
}

TEST(Endpoint, GivesUpWhenTheSenderFallsSilent) {
    Alone side;
    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.speak());
    side.later(milliseconds(900));
    side.hear({0x21, 1, 2, 3, 4, 5, 6, 7});
    side.later(milliseconds(999));
    EXPECT_TRUE(side.failures.empty());
    side.later(milliseconds(1));
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::no_consecutive)});
}

TEST(Endpoint, GivesUpWhenAConsecutiveFrameIsMissing) {
    Alone side;
    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.speak());
    side.hear({0x22, 1, 2, 3, 4, 5, 6, 7});
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::wrong_sequence)});
    side.hear({0x21, 1, 2, 3, 4, 5, 6, 7});
    EXPECT_TRUE(side.received.empty());
}

TEST(Endpoint, IgnoresConsecutiveFramesOfTheWrongSize) {
    Alone side;
    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.speak());
    side.hear({0x21, 1, 2, 3});
    side.hear({0x21, 1, 2, 3, 4, 5, 6, 7});
    side.hear({0x22, 1, 2, 3, 4, 5});
    side.hear({0x22, 1, 2, 3, 4, 5, 6, 7});
    ASSERT_EQ(side.received.size(), 1U);
    EXPECT_EQ(side.received[0], (Bytes{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(Endpoint, ANewMessageInterruptsTheOneOnItsWay) {
    Alone side;
    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.speak());
    side.hear({0x02, 0x3E, 0x00});
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::interrupted)});
    ASSERT_EQ(side.received.size(), 1U);
    EXPECT_EQ(side.received[0], (Bytes{0x3E, 0x00}));

    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.speak());
    side.hear({0x10, 8, 9, 9, 9, 9, 9, 9});
    EXPECT_EQ(side.failures.size(), 2U);
    ASSERT_TRUE(side.speak());
    side.hear({0x21, 9, 9, 0, 0, 0, 0, 0});
    ASSERT_EQ(side.received.size(), 2U);
    EXPECT_EQ(side.received[1], Bytes(8, 9));
}

TEST(Endpoint, IgnoresConsecutiveFramesAndFlowControlThatNobodyAwaits) {
    Alone side;
    side.hear({0x21, 1, 2, 3, 4, 5, 6, 7});
    side.hear({0x30, 0, 0});
    side.hear({0x32, 0, 0});
    EXPECT_TRUE(side.failures.empty());
    EXPECT_TRUE(side.received.empty());
    EXPECT_FALSE(side.speak());
    side.endpoint.on_confirmed(side.now);
    EXPECT_FALSE(side.endpoint.deadline());
}

TEST(Endpoint, AnswersAMessageThatIsTooLongWithOverflowHoweverLongItClaimsToBe) {
    Alone side(classic(0x7E0, 0x7E8), 100);
    side.hear({0x10, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2});
    const auto answer = side.speak();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->data[0], 0x32);
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::too_long)});
    EXPECT_FALSE(side.endpoint.deadline());

    Pair pair(classic(0x7E0, 0x7E8), classic(0x7E8, 0x7E0), 100);
    const Bytes message = message_of(101);
    ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
    pair.run();
    EXPECT_EQ(pair.a.failures, std::vector{send_failed(faults::receiver_full)});
}

TEST(Endpoint, ASingleFrameLongerThanTheRoomIsRefused) {
    Alone side(classic(0x7E0, 0x7E8), 3);
    side.hear({0x04, 1, 2, 3, 4});
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::too_long)});
}

TEST(Endpoint, WaitsAreCountedOnBothSidesAndASingleFrameCannotWait) {
    Settings b = classic(0x7E8, 0x7E0);
    b.receiving.waits_max = 2;
    Pair pair(classic(0x7E0, 0x7E8), b);
    pair.b.releases = false;
    const Bytes message = message_of(30);
    ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
    pair.run();
    ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
    pair.run();
    EXPECT_EQ(pair.b.failures, std::vector{receive_failed(faults::too_many_waits)});
    EXPECT_EQ(pair.a.failures, std::vector{send_failed(faults::no_flow_control)});
    ASSERT_TRUE(pair.a.endpoint.send(View(message).first(3), pair.now));
    pair.run();
    EXPECT_EQ(pair.b.failures.back(), receive_failed(faults::not_released));
    EXPECT_TRUE(std::ranges::equal(pair.b.endpoint.received(), message));
}

TEST(Endpoint, ALostBusEndsBothDirectionsAndForgetsWhatWasHandedOut) {
    Alone side;
    const Bytes message = message_of(20);
    side.hear({0x10, 20, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    side.endpoint.on_bus_lost();
    side.collect(side.now);
    EXPECT_EQ(side.failures, (std::vector{receive_failed(faults::bus_lost), send_failed(faults::bus_lost)}));
    ASSERT_TRUE(side.endpoint.send(View(message).first(2), side.now));
    ASSERT_TRUE(side.speak());
    EXPECT_EQ(side.sent, 1U);
}

TEST(Endpoint, AReceiverThatMayNotAskForTimeKeepsSilentUntilItIsReady) {
    Settings settings = classic(0x7E0, 0x7E8);
    settings.receiving.waits_max = 0;
    Alone side(settings);
    side.releases = false;
    side.hear({0x02, 1, 2});
    side.hear({0x10, 8, 1, 2, 3, 4, 5, 6});
    EXPECT_FALSE(side.speak());
    side.later(milliseconds(100));
    EXPECT_FALSE(side.speak());
    side.endpoint.release(side.now);
    EXPECT_EQ(side.speak(), from_peer({0x30, 0, 0, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC}, 0x7E0));
    side.hear({0x21, 7, 8});
    EXPECT_EQ(side.received.size(), 2U);
    side.hear({0x10, 8, 1, 2, 3, 4, 5, 6});
    side.later(milliseconds(500));
    EXPECT_EQ(side.failures, std::vector{receive_failed(faults::too_many_waits)});
}

// The transport has no checksum, so a damaged byte may arrive; lost, doubled and reordered frames must not put a wrong
// message together.
TEST(Endpoint, OnABadBusAMessageArrivesWholeOrNotAtAllAndNobodyHangs) {
    std::size_t arrived = 0, failed = 0;
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        Settings a = seed % 2 ? fd(0x700, 0x708) : classic(0x700, 0x708), b = classic(0x708, 0x700);
        b.receiving.block_size = static_cast<std::uint8_t>(random() % 4);
        Pair pair(a, b, 3000);
        pair.fate = [&](const CanFrame&) {
            const auto dice = random() % 100;
            return dice == 0   ? Fate::is_lost
                   : dice == 1 ? Fate::comes_twice
                   : dice == 2 ? Fate::is_delayed
                               : Fate::arrives;
        };
        const Bytes message = message_of(1 + random() % 2999, seed);
        ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
        pair.run();
        EXPECT_FALSE(pair.a.endpoint.sending());
        EXPECT_FALSE(pair.b.endpoint.deadline()) << seed;
        for (const Bytes& each : pair.b.received) EXPECT_EQ(each, message) << seed;
        arrived += pair.b.received.empty() ? 0 : 1;
        failed += pair.b.failures.empty() && pair.a.failures.empty() ? 0 : 1;
    }
    EXPECT_GT(arrived, 50U);
    EXPECT_GT(failed, 50U);
}

TEST(Endpoint, NoForeignFramesMakeItWriteOutsideItsRoomOrHang) {
    std::mt19937 random(11);
    Alone side(fd(0x7E0, 0x7E8), 200);
    const Bytes message = message_of(500);
    for (int i = 0; i < 100'000; ++i) {
        CanFrame frame = from_peer({});
        frame.fd = random() % 2 == 0;
        frame.size = static_cast<std::uint8_t>(random() % 66);
        for (auto& byte : frame.data) byte = static_cast<std::uint8_t>(random());
        if (random() % 4 != 0) frame.data[0] &= std::uint8_t{0x37};
        side.endpoint.on_frame(frame, side.now);
        side.collect(side.now);
        if (!side.endpoint.sending()) (void)side.endpoint.send(message, side.now);
        side.speak();
        side.later(milliseconds(random() % 50));
    }
    side.later(std::chrono::seconds(10));
    side.later(std::chrono::seconds(10));
    EXPECT_FALSE(side.endpoint.deadline());
    for (const Bytes& each : side.received) EXPECT_LE(each.size(), 200U);
}

}  // namespace
}  // namespace pitstop::isotp
