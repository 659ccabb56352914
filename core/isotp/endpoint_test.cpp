// Two endpoints joined by a simulated bus: messages arrive whole, paced as the receiver asks.
#include "core/isotp/endpoint.h"

#include "core/isotp/faults.h"
#include "core/isotp/pair_test.h"

#include <gtest/gtest.h>

namespace pitstop::isotp {
namespace {

using std::chrono::milliseconds;
using testing::Alone;
using testing::classic;
using testing::fd;
using testing::from_peer;
using testing::message_of;
using testing::Pair;

std::string send_failed(const Fault& fault) { return "send " + std::string(fault.code); }
std::string receive_failed(const Fault& fault) { return "receive " + std::string(fault.code); }

TEST(Endpoint, EverySizeArrivesInEveryFormatAndBlockSize) {
    for (const std::uint8_t frame_size : std::initializer_list<std::uint8_t>{8, 12, 64}) {
        for (const std::uint8_t block_size : std::initializer_list<std::uint8_t>{0, 1, 3}) {
            Settings a = fd(0x700, 0x708), b = fd(0x708, 0x700);
            a.form.frame_size = frame_size;
            a.form.fd = a.form.brs = frame_size > 8;
            b.receiving.block_size = block_size;
            Pair pair(a, b);
            for (const std::size_t size : {1, 6, 7, 8, 9, 10, 11, 61, 62, 63, 64, 121, 200, 4095, 4096, 5000}) {
                const Bytes message = message_of(size);
                ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
                pair.run();
                ASSERT_EQ(pair.b.received.size(), 1U) << size << " in frames of " << int{frame_size};
                EXPECT_EQ(pair.b.received.back(), message);
                pair.b.received.clear();
            }
            EXPECT_TRUE(pair.a.failures.empty());
            EXPECT_TRUE(pair.b.failures.empty());
            EXPECT_EQ(pair.a.sent, 16U);
        }
    }
}

TEST(Endpoint, BothDirectionsRunAtTheSameTime) {
    Pair pair(fd(0x700, 0x708), fd(0x708, 0x700));
    const Bytes there = message_of(100'000, 1), back = message_of(70'000, 2);
    ASSERT_TRUE(pair.a.endpoint.send(there, pair.now));
    ASSERT_TRUE(pair.b.endpoint.send(back, pair.now));
    pair.run();
    ASSERT_EQ(pair.b.received.size(), 1U);
    ASSERT_EQ(pair.a.received.size(), 1U);
    EXPECT_EQ(pair.b.received[0], there);
    EXPECT_EQ(pair.a.received[0], back);
}

TEST(Endpoint, AVinOnTheWireIsTheFramesOfTheTextbook) {
    Pair pair(classic(0x7E0, 0x7E8), classic(0x7E8, 0x7E0));
    Bytes answer{0x62, 0xF1, 0x90};
    for (char c : std::string_view("WVWZZZ1JZXW000001")) answer.push_back(static_cast<std::uint8_t>(c));
    ASSERT_TRUE(pair.b.endpoint.send(answer, pair.now));
    pair.run();
    ASSERT_EQ(pair.seen.size(), 4U);
    EXPECT_EQ(pair.seen[0], from_peer({0x10, 0x14, 0x62, 0xF1, 0x90, 'W', 'V', 'W'}));
    EXPECT_EQ(pair.seen[1], from_peer({0x30, 0x00, 0x00, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC}, 0x7E0));
    EXPECT_EQ(pair.seen[2], from_peer({0x21, 'Z', 'Z', 'Z', '1', 'J', 'Z', 'X'}));
    EXPECT_EQ(pair.seen[3], from_peer({0x22, 'W', '0', '0', '0', '0', '0', '1'}));
}

TEST(Endpoint, KeepsTheSeparationTimeFromTheEndOfOneFrameToTheNext) {
    for (const std::uint8_t code : {std::uint8_t{5}, std::uint8_t{0xF5}, std::uint8_t{0x90}}) {
        Settings b = classic(0x7E8, 0x7E0);
        b.receiving.separation_code = code;
        Pair pair(classic(0x7E0, 0x7E8), b);
        const Bytes message = message_of(40);
        ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
        pair.run();
        ASSERT_EQ(pair.b.received.size(), 1U);
        for (std::size_t i = 3; i < pair.seen.size(); ++i)
            EXPECT_GE(pair.seen_at[i] - pair.seen_at[i - 1], separation_time(code)) << int{code};
    }
}

TEST(Endpoint, WithoutSeparationTimeFramesGoOutBackToBackUpToTheLimit) {
    Alone side;
    const Bytes message = message_of(4000);
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.speak());
    EXPECT_FALSE(side.endpoint.next_frame(side.now)) << "flow control is awaited";
    side.hear({0x30, 0, 0});
    for (int i = 0; i < 32; ++i) ASSERT_TRUE(side.endpoint.next_frame(side.now)) << i;
    EXPECT_FALSE(side.endpoint.next_frame(side.now));
    side.endpoint.on_confirmed(side.now);
    EXPECT_TRUE(side.endpoint.next_frame(side.now));
}

TEST(Endpoint, AFlowControlThatOvertakesTheConfirmationOfItsFirstFrameCounts) {
    Alone side;
    const Bytes message = message_of(20);
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    side.hear({0x30, 0, 0});
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    ASSERT_TRUE(side.endpoint.next_frame(side.now));
    for (int i = 0; i < 3; ++i) side.endpoint.on_confirmed(side.now);
    side.collect(side.now);
    EXPECT_EQ(side.sent, 1U);
}

TEST(Endpoint, AReceiverThatStillReadsMakesTheNextSenderWait) {
    Pair pair(classic(0x7E0, 0x7E8), classic(0x7E8, 0x7E0));
    pair.b.releases = false;
    const Bytes first = message_of(30, 1), second = message_of(50, 2);
    ASSERT_TRUE(pair.a.endpoint.send(first, pair.now));
    pair.run();
    ASSERT_TRUE(pair.a.endpoint.send(second, pair.now));
    pair.run(pair.now + std::chrono::seconds(3));
    EXPECT_TRUE(pair.a.endpoint.sending());
    EXPECT_TRUE(std::ranges::equal(pair.b.endpoint.received(), first)) << "the message being read was written over";
    pair.b.endpoint.release(pair.now);
    pair.run();
    ASSERT_EQ(pair.b.received.size(), 2U);
    EXPECT_EQ(pair.b.received[1], second);
    EXPECT_TRUE(pair.a.failures.empty());
}

TEST(Endpoint, ACancelledMessageEndsAndTheNextOneGoesThrough) {
    Pair pair(classic(0x7E0, 0x7E8), classic(0x7E8, 0x7E0));
    const Bytes message = message_of(2000);
    ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
    pair.run(pair.now + milliseconds(20));
    pair.a.endpoint.cancel_send();
    pair.a.collect(pair.now);
    EXPECT_EQ(pair.a.failures, std::vector{send_failed(faults::abandoned)});
    ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
    pair.run();
    EXPECT_EQ(pair.b.failures, std::vector{receive_failed(faults::interrupted)});
    ASSERT_EQ(pair.b.received.size(), 1U);
    EXPECT_EQ(pair.b.received[0], message);
}

TEST(Endpoint, ExtendedIdentifiersAreNotTakenForBaseOnes) {
    Settings a = classic(0x18DA11F1, 0x18DAF111), b = classic(0x18DAF111, 0x18DA11F1);
    a.form.address.id.extended = a.receive.id.extended = b.form.address.id.extended = b.receive.id.extended = true;
    Pair pair(a, b);
    const Bytes message = message_of(100);
    ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
    pair.run();
    EXPECT_EQ(pair.b.received.size(), 1U);

    Alone side;
    CanFrame same_number = from_peer({0x02, 1, 2});
    same_number.id.extended = true;
    side.endpoint.on_frame(same_number, side.now);
    side.collect(side.now);
    EXPECT_TRUE(side.received.empty());
}

TEST(Endpoint, TellsThatALongMessageBeginsBeforeItIsThereOrFails) {
    Pair pair(classic(0x700, 0x708), classic(0x708, 0x700));
    const Bytes brief = message_of(7), lengthy = message_of(100);
    ASSERT_TRUE(pair.a.endpoint.send(brief, pair.now));
    pair.run();
    EXPECT_EQ(pair.b.begun, 0U);
    ASSERT_TRUE(pair.a.endpoint.send(lengthy, pair.now));
    pair.run();
    EXPECT_EQ(pair.b.begun, 1U);
    EXPECT_EQ(pair.b.received.size(), 2U);

    Alone alone;
    alone.hear({0x10, 100, 1, 2, 3, 4, 5, 6});
    EXPECT_EQ(alone.begun, 1U);
    EXPECT_TRUE(alone.received.empty());
    alone.hear({0x02, 0x3E, 0x80});
    EXPECT_EQ(alone.failures, std::vector{receive_failed(faults::interrupted)});
    EXPECT_EQ(alone.received.size(), 1U);
    EXPECT_EQ(alone.begun, 1U);
}

}  // namespace
}  // namespace pitstop::isotp
