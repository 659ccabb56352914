// Bus clients and ISO-TP links over real sockets.
#include "core/isotp/faults.h"
#include "io/can/bus_client.h"
#include "io/can/faults.h"
#include "io/can/isotp_link.h"
#include "io/can/test_hub.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <ranges>

namespace pitstop::io::can {
namespace {

using namespace std::chrono_literals;
using testing::TestHub;

CanFrame frame_of(std::uint32_t id, std::uint8_t first = 0) {
    CanFrame frame;
    frame.id = {id, false};
    frame.size = 3;
    frame.data[0] = first;
    return frame;
}

Bytes message_of(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    return bytes;
}

struct Can : ::testing::Test {
    Loop loop;
    TestHub hub{loop};

    std::unique_ptr<BusClient> client() { return *complete(loop, BusClient::connect(loop, hub.address())); }
    std::unique_ptr<IsotpLink> link(BusClient& bus, std::uint32_t transmit, std::uint32_t receive) {
        return *IsotpLink::open(bus, fd_settings({transmit}, {receive}));
    }
    Result<Bytes> next(IsotpLink& from, std::chrono::milliseconds limit) {
        TRY(Received got, within(limit, from.receive()));
        return std::move(got.message);
    }
    template <class T>
    Result<T> within(std::chrono::milliseconds limit, Task<T> task) {
        return complete(loop, with_deadline(limit, "test", std::move(task)));
    }
};

TEST_F(Can, SaysClearlyThatNoBusIsThere) {
    const auto nothing = complete(loop, BusClient::connect(loop, "unix:/nonexistent/can0.sock"));
    ASSERT_FALSE(nothing);
    EXPECT_TRUE(nothing.error().is(faults::connect_failed));
    EXPECT_NE(nothing.error().detail().find("/nonexistent/can0.sock"), std::string_view::npos);
    EXPECT_TRUE(complete(loop, BusClient::connect(loop, "can0")).error().is(faults::bad_address));
}

TEST_F(Can, RefusesABusThatIsNoneOrSpeaksAnotherVersion) {
    hub.hello = Bytes{'H', 'T', 'T', 'P', 2, 32, 0, 0};
    EXPECT_TRUE(complete(loop, BusClient::connect(loop, hub.address())).error().is(faults::bad_stream));
    hub.hello = Bytes{'P', 'B', 'U', 'S', 9, 32, 0, 0};
    EXPECT_TRUE(complete(loop, BusClient::connect(loop, hub.address())).error().is(faults::wrong_version));
    hub.hello = Bytes{'P', 'B', 'U', 'S', 2, 0, 0, 0};
    EXPECT_TRUE(complete(loop, BusClient::connect(loop, hub.address())).error().is(faults::bad_stream));
}

TEST_F(Can, AFrameReachesTheOtherNodeAndIsConfirmed) {
    const auto a = client(), b = client();
    ASSERT_TRUE(within(2s, a->send(frame_of(0x123, 7))));
    const auto got = within(2s, b->receive());
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, frame_of(0x123, 7));
    CanFrame bad = frame_of(0x800);
    EXPECT_TRUE(within(2s, a->send(bad)).error().is(isotp::faults::bad_frame));
}

TEST_F(Can, SendWaitsForTheBus) {
    const auto a = client();
    hub.confirms = [](const CanFrame&) { return false; };
    EXPECT_TRUE(within(50ms, a->send(frame_of(1))).error().is(io::faults::deadline));
    hub.say({2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    hub.confirms = [](const CanFrame&) { return true; };
    EXPECT_TRUE(within(2s, a->send(frame_of(2))));
}

TEST_F(Can, LeavesABusThatTalksNonsenseAndComesBack) {
    const auto a = client(), b = client();
    hub.say({9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0});
    const auto turn = [&] { (void)within(5ms, b->receive()); };
    for (int i = 0; i < 200 && (a->connected() || b->connected()); ++i) turn();
    EXPECT_FALSE(a->connected());
    for (int i = 0; i < 400 && !(a->connected() && b->connected()); ++i) turn();
    ASSERT_TRUE(within(1s, a->send(frame_of(0x77))));
    EXPECT_EQ(within(1s, b->receive()), frame_of(0x77));
    hub.say({2, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // confirms what was never sent
    for (int i = 0; i < 200 && a->connected(); ++i) turn();
    EXPECT_FALSE(a->connected());
    EXPECT_TRUE(within(1s, a->send(frame_of(1))).error().is(faults::not_connected));
}

TEST_F(Can, AWaitingSenderLearnsThatTheBusIsGone) {
    const auto a = client();
    hub.confirms = [this](const CanFrame&) {
        hub.stop();
        return false;
    };
    EXPECT_TRUE(within(2s, a->send(frame_of(1))).error().is(faults::not_connected));
}

TEST_F(Can, TwoLinksCannotListenToOneIdentifier) {
    const auto a = client();
    const auto first = link(*a, 0x701, 0x709);
    EXPECT_TRUE(IsotpLink::open(*a, fd_settings({0x702}, {0x709})).error().is(faults::id_taken));
    EXPECT_TRUE(IsotpLink::open(*a, fd_settings({0x702}, {0x702})).error().is(isotp::faults::bad_settings));
    EXPECT_TRUE(IsotpLink::open(*a, fd_settings({0x702}, {0x70A})));
}

TEST_F(Can, AFunctionalMessageReachesEveryLinkThatListensAndSaysHowItCame) {
    const auto zone = client(), one = client(), two = client();
    std::vector<std::unique_ptr<IsotpLink>> ecus;
    for (std::uint32_t number = 1; number <= 3; ++number) {
        auto settings = fd_settings({0x708 + number}, {0x700 + number});
        settings.functional = CanId{0x7DF};
        ecus.push_back(*IsotpLink::open(number == 1 ? *one : *two, settings));
    }
    const auto form = classic_settings({0x7DF}, {0}).form;
    const Bytes present{0x3E, 0x80};
    ASSERT_TRUE(within(2s, send_functional(*zone, form, present)));
    for (const auto& ecu : ecus) {
        const auto got = within(2s, ecu->receive());
        ASSERT_TRUE(got);
        EXPECT_EQ(got->message, present);
        EXPECT_EQ(got->addressing, isotp::Addressing::functional);
    }
    const auto tester = link(*zone, 0x701, 0x709);
    ASSERT_TRUE(within(2s, tester->send(present)));
    EXPECT_EQ(within(2s, ecus[0]->receive())->addressing, isotp::Addressing::physical);
    EXPECT_TRUE(within(2s, send_functional(*zone, form, message_of(8))).error().is(isotp::faults::bad_size));
}

TEST_F(Can, LongMessagesCrossInBothDirections) {
    const auto a = client(), b = client();
    const auto tester = link(*a, 0x701, 0x709), ecu = link(*b, 0x709, 0x701);
    for (const std::size_t size : {1, 62, 63, 4095, 4096, 65536}) {
        const Bytes message = message_of(size);
        ASSERT_TRUE(within(5s, tester->send(message))) << size;
        const auto got = next(*ecu, 5s);
        ASSERT_TRUE(got) << got.error().str();
        EXPECT_EQ(*got, message);
        ASSERT_TRUE(within(5s, ecu->send(*got)));
        EXPECT_EQ(next(*tester, 5s), message);
    }
}

TEST_F(Can, ManyLinksShareAClientAndASilentEcuHoldsNobodyUp) {
    const auto zone = client(), ecus = client();
    std::vector<std::unique_ptr<IsotpLink>> here, there;
    constexpr std::uint32_t count = 10;
    for (std::uint32_t i = 0; i < count; ++i) {
        here.push_back(link(*zone, 0x600 + i, 0x680 + i));
        if (i > 0) there.push_back(link(*ecus, 0x680 + i, 0x600 + i));  // nobody answers for the first
    }
    const Bytes message = message_of(5000);
    std::optional<Result<void>> silent;
    loop.spawn("silent", [](IsotpLink& to, View what, std::optional<Result<void>>& end) -> Task<void> {
        end = co_await to.send(what);
        co_return Result<void>();
    }(*here[0], message, silent));
    for (std::uint32_t i = 1; i < count; ++i) {
        ASSERT_TRUE(within(900ms, here[i]->send(message)));
        EXPECT_EQ(next(*there[i - 1], 900ms), message);
    }
    while (!silent) (void)within(50ms, zone->receive());
    EXPECT_TRUE(silent->error().is(isotp::faults::no_flow_control));
}

TEST_F(Can, ALostFrameIsAFailureForBothAndTheNextMessageGoesThrough) {
    const auto a = client(), b = client();
    const auto tester = link(*a, 0x701, 0x709), ecu = link(*b, 0x709, 0x701);
    int consecutive = 0;
    hub.loses = [&](const CanFrame& frame) { return frame.data[0] >> 4 == 2 && ++consecutive == 5; };
    const Bytes message = message_of(3000);
    EXPECT_TRUE(within(3s, tester->send(message))) << "without blocks the sender cannot know";
    EXPECT_TRUE(next(*ecu, 3s).error().is(isotp::faults::wrong_sequence));
    ASSERT_TRUE(within(3s, tester->send(message)));
    EXPECT_EQ(next(*ecu, 3s), message);
}

TEST_F(Can, ACancelledSenderLeavesTheLinkUsable) {
    const auto a = client(), b = client();
    const auto tester = link(*a, 0x701, 0x709), ecu = link(*b, 0x709, 0x701);
    hub.confirms = [](const CanFrame& frame) { return frame.data[0] >> 4 != 2; };
    const Bytes message = message_of(60'000);
    EXPECT_TRUE(within(100ms, tester->send(message)).error().is(io::faults::deadline));
    hub.confirms = [](const CanFrame&) { return true; };
    hub.say({2, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
            0);  // what was handed out before, all of the abandoned message
    ASSERT_TRUE(within(1s, tester->send(message_of(10))));
    EXPECT_TRUE(next(*ecu, 1s).error().is(isotp::faults::interrupted));
    EXPECT_EQ(next(*ecu, 1s), message_of(10));
}

TEST_F(Can, AMessageCutByARestartOfTheBusFailsAndTheNextOneGoesThrough) {
    const auto a = client(), b = client();
    const auto tester = link(*a, 0x701, 0x709), ecu = link(*b, 0x709, 0x701);
    std::size_t frames = 0;
    hub.loses = [&](const CanFrame&) {
        if (++frames == 20) hub.stop();
        return false;
    };
    EXPECT_TRUE(within(3s, tester->send(message_of(30'000))).error().is(isotp::faults::bus_lost));
    EXPECT_TRUE(next(*ecu, 3s).error().is(isotp::faults::bus_lost));
    hub.start();
    while (!a->connected() || !b->connected()) (void)within(10ms, a->receive());
    ASSERT_TRUE(within(3s, tester->send(message_of(500))));
    EXPECT_EQ(next(*ecu, 3s), message_of(500));
}

TEST_F(Can, LongMessagesTakeTurnsAndShortOnesPassBetweenThem) {
    const auto a = client(), b = client();
    const auto first = link(*a, 0x701, 0x709), second = link(*a, 0x702, 0x70A), third = link(*a, 0x703, 0x70B);
    const auto one = link(*b, 0x709, 0x701), two = link(*b, 0x70A, 0x702), three = link(*b, 0x70B, 0x703);
    std::vector<std::uint32_t> order;  // of the senders of consecutive frames
    std::size_t short_came_at = 0;
    const Bytes brief{0x3E, 0x80}, message = message_of(60'000);
    hub.loses = [&](const CanFrame& frame) {
        if (frame.data[0] >> 4 == 2) order.push_back(frame.id.value);
        if (frame.id.value == 0x703) short_came_at = order.size();
        if (order.size() == 100 && short_came_at == 0) loop.spawn("short", third->send(brief));
        return false;
    };
    loop.spawn("first", first->send(message));
    loop.spawn("second", second->send(message));
    ASSERT_EQ(next(*one, 5s), message);
    ASSERT_EQ(next(*two, 5s), message);
    ASSERT_TRUE(next(*three, 1s));
    EXPECT_EQ(order.size(), 2 * 952U);
    const auto changes = std::ranges::count_if(std::views::iota(1UZ, order.size()),
                                               [&](std::size_t i) { return order[i] != order[i - 1]; });
    EXPECT_GE(changes, 1);
    EXPECT_LT(changes, 20) << "frame by frame they would change 1900 times";
    EXPECT_GE(short_came_at, 100U);
    EXPECT_LT(short_came_at, 300U) << "behind what the bus had already, and not behind the messages";
}

TEST_F(Can, WhatNobodyReadsHoldsTheSenderBackInsteadOfFillingMemory) {
    const auto a = client(), b = client();
    const auto tester = link(*a, 0x701, 0x709), ecu = link(*b, 0x709, 0x701);
    int sent = 0;
    while (sent < 20 && within(300ms, tester->send(message_of(200)))) ++sent;
    EXPECT_GE(sent, 8);
    EXPECT_LT(sent, 20);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(next(*ecu, 1s), message_of(200));
    ecu->drop_received();
    Result<void> again = fail(faults::not_connected);
    for (int i = 0; i < 3 && !again; ++i) again = within(1s, tester->send(message_of(300)));
    EXPECT_TRUE(again);
}

}  // namespace
}  // namespace pitstop::io::can
