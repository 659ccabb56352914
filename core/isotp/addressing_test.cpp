// Every addressing format carries every size; a functional message disturbs nothing.
#include "core/isotp/endpoint.h"
#include "core/isotp/faults.h"
#include "core/isotp/pair_test.h"

#include <gtest/gtest.h>

namespace pitstop::isotp {
namespace {

using testing::Alone;
using testing::classic;
using testing::fd;
using testing::from_peer;
using testing::message_of;
using testing::Pair;

Settings listening() {
    Settings settings = classic(0x7E8, 0x7E0);
    settings.functional = CanId{0x7DF};
    return settings;
}

CanFrame on(FrameAddress address, std::initializer_list<std::uint8_t> bytes) {
    CanFrame frame = from_peer(bytes, address.id.value);
    frame.id = address.id;
    return frame;
}

TEST(Addressing, TheIdentifiersAreThoseOfTheStandard) {
    EXPECT_EQ(normal_fixed(Addressing::physical, 0x11, 0xF1), (CanId{0x18DA11F1, true}));
    EXPECT_EQ(normal_fixed(Addressing::functional, 0x33, 0xF1), (CanId{0x18DB33F1, true}));
    EXPECT_EQ(mixed(Addressing::physical, 0x11, 0xF1), (CanId{0x18CE11F1, true}));
    EXPECT_EQ(mixed(Addressing::functional, 0x33, 0xF1), (CanId{0x18CD33F1, true}));
    EXPECT_EQ(addressed(0xDA, 0x11, 0xF1, 7), (CanId{0x1CDA11F1, true}));
}

TEST(Addressing, EverySizeArrivesWithEveryFormat) {
    const std::pair<FrameAddress, FrameAddress> ways[] = {
        {CanId{0x711}, CanId{0x719}},
        {normal_fixed(Addressing::physical, 0x11, 0xF1), normal_fixed(Addressing::physical, 0xF1, 0x11)},
        {FrameAddress(CanId{0x6F1}, 0x11), FrameAddress(CanId{0x611}, 0xF1)},
        {FrameAddress(CanId{0x6F1}, 0x11), FrameAddress(CanId{0x6F1}, 0xF1)},
        {FrameAddress(CanId{0x711}, 0x99), FrameAddress(CanId{0x719}, 0x99)},
        {FrameAddress(mixed(Addressing::physical, 0x11, 0xF1), 0x99),
         FrameAddress(mixed(Addressing::physical, 0xF1, 0x11), 0x99)},
    };
    for (const auto& [there, back] : ways) {
        for (const std::uint8_t frame_size : std::initializer_list<std::uint8_t>{8, 12, 20, 64}) {
            Settings a = fd(0, 0), b = fd(0, 0);
            a.form.address = b.receive = there;
            b.form.address = a.receive = back;
            a.form.frame_size = b.form.frame_size = frame_size;
            a.form.fd = a.form.brs = b.form.fd = b.form.brs = frame_size > 8;
            b.receiving.block_size = 4;
            Pair pair(a, b);
            for (const std::size_t size : {1, 5, 6, 7, 8, 9, 10, 11, 17, 18, 60, 61, 62, 63, 64, 123, 4095, 4096}) {
                const Bytes message = message_of(size);
                ASSERT_TRUE(pair.a.endpoint.send(message, pair.now));
                pair.run();
                ASSERT_EQ(pair.b.received.size(), 1U) << size << " in " << int{frame_size} << " on " << there.id.value;
                EXPECT_EQ(std::exchange(pair.b.received, {}).back(), message);
            }
            for (const CanFrame& frame : pair.seen) ASSERT_TRUE(check(frame));
        }
    }
}

TEST(Addressing, TheByteOfTheAddressStandsBeforeThePci) {
    Settings settings = classic(0x6F1, 0x611);
    settings.form.address.byte = 0x11;
    settings.receive.byte = 0xF1;
    Alone side(settings);
    const Bytes message = message_of(7);  // one more than a single frame holds
    ASSERT_TRUE(side.endpoint.send(View(message).first(3), side.now));
    EXPECT_EQ(side.speak(), on(CanId{0x6F1}, {0x11, 0x03, message[0], message[1], message[2], 0xCC, 0xCC, 0xCC}));
    ASSERT_TRUE(side.endpoint.send(message, side.now));
    EXPECT_EQ(side.speak(),
              on(CanId{0x6F1}, {0x11, 0x10, 7, message[0], message[1], message[2], message[3], message[4]}));
    side.endpoint.on_frame(on(CanId{0x611}, {0xF2, 0x30, 0, 0}), side.now);
    EXPECT_FALSE(side.speak()) << "flow control for another tester";
    side.endpoint.on_frame(on(CanId{0x611}, {0xF1, 0x30, 0, 0}), side.now);
    EXPECT_EQ(side.speak(), on(CanId{0x6F1}, {0x11, 0x21, message[5], message[6], 0xCC, 0xCC, 0xCC, 0xCC}));
    side.endpoint.on_frame(on(CanId{0x611}, {0xF1}), side.now);
    side.endpoint.on_frame(on(CanId{0x611}, {}), side.now);
    side.endpoint.on_frame(on(CanId{0x611}, {0xF1, 0x07, 1, 2, 3, 4, 5, 6}), side.now);
    side.collect(side.now);
    EXPECT_TRUE(side.received.empty()) << "SF_DL is at most 6 behind an address byte";
    side.endpoint.on_frame(on(CanId{0x611}, {0xF1, 0x06, 1, 2, 3, 4, 5, 6}), side.now);
    side.collect(side.now);
    EXPECT_EQ(side.received, (std::vector<Bytes>{{1, 2, 3, 4, 5, 6}}));
}

TEST(Addressing, AFunctionalSingleFrameComesInTheMiddleOfAPhysicalMessageAndDisturbsNothing) {
    Alone side(listening());
    const auto hear = [&](CanId id, std::initializer_list<std::uint8_t> bytes) {
        side.endpoint.on_frame(on(id, bytes), side.now);
    };
    hear({0x7E0}, {0x10, 8, 1, 2, 3, 4, 5, 6});
    ASSERT_TRUE(side.speak());
    hear({0x7DF}, {0x02, 0x3E, 0x80});
    const auto event = side.endpoint.next_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->addressing, Addressing::functional);
    EXPECT_TRUE(std::ranges::equal(event->message, Bytes{0x3E, 0x80}));
    hear({0x7E0}, {0x21, 7, 8});
    const auto physical = side.endpoint.next_event();
    ASSERT_TRUE(physical);
    EXPECT_EQ(physical->addressing, Addressing::physical);
    EXPECT_TRUE(std::ranges::equal(physical->message, Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Addressing, OnTheFunctionalAddressOnlySingleFramesExist) {
    Alone side(listening());
    for (const auto& bytes : {Bytes{0x10, 20, 1, 2, 3, 4, 5, 6}, Bytes{0x21, 1, 2, 3, 4, 5, 6, 7}, Bytes{0x30, 0, 0}}) {
        CanFrame frame = on(CanId{0x7DF}, {});
        frame.size = static_cast<std::uint8_t>(bytes.size());
        std::ranges::copy(bytes, frame.data.begin());
        side.endpoint.on_frame(frame, side.now);
        EXPECT_FALSE(side.endpoint.next_frame(side.now)) << "no flow control for a group";
        EXPECT_FALSE(side.endpoint.next_event());
        EXPECT_FALSE(side.endpoint.deadline());
    }
}

TEST(Addressing, TwoDirectionsCannotHaveTheSameAddress) {
    Bytes room(10);
    Settings settings = listening();
    settings.functional = settings.receive;
    EXPECT_TRUE(Endpoint::make(settings, room).error().is(faults::bad_settings));
    settings.functional = CanId{0x800};
    EXPECT_TRUE(Endpoint::make(settings, room).error().is(faults::bad_settings));
    settings.functional = FrameAddress(settings.receive.id, 0xFE);
    settings.receive.byte = 0x11;
    EXPECT_TRUE(Endpoint::make(settings, room)) << "extended addressing: the byte tells them apart";
}

}  // namespace
}  // namespace pitstop::isotp
