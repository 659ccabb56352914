// Frames as the kernel has them, and what is said where the kernel has no CAN. Where it has (vcan0), frames cross.
#include "io/can/bus_client.h"
#include "io/can/faults.h"
#include "io/can/kernel_frame.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <bit>

namespace pitstop::io::can {
namespace {

using namespace std::chrono_literals;

CanFrame classic_frame() {
    CanFrame frame;
    frame.id = {0x123, false};
    frame.size = 3;
    frame.data = {1, 2, 3};
    return frame;
}

TEST(KernelFrame, ClassicFramesHaveSixteenBytesAndFdFramesSeventyTwo) {
    const Bytes classic = to_kernel(classic_frame());
    ASSERT_EQ(classic.size(), 16U);
    EXPECT_EQ(classic[4], 3) << "the size stands behind the identifier";
    EXPECT_EQ(classic[8], 1) << "the data at the ninth byte";
    CanFrame frame = classic_frame();
    frame.fd = frame.brs = true;
    frame.size = 64;
    frame.id = {0x18DA11F1, true};
    const Bytes fd = to_kernel(frame);
    ASSERT_EQ(fd.size(), 72U);
    EXPECT_EQ(fd[4], 64);
    EXPECT_EQ(fd[5], 0x05) << "FD, with bit rate switch";
    for (const CanFrame& each : {classic_frame(), frame}) EXPECT_EQ(from_kernel(to_kernel(each)), each);
}

TEST(KernelFrame, RemoteAndErrorFramesAreNoData) {
    const auto with_top = [](std::uint8_t bits) {
        Bytes bytes = to_kernel(classic_frame());
        bytes[std::endian::native == std::endian::little ? 3 : 0] |= bits;
        return from_kernel(bytes);
    };
    EXPECT_TRUE(with_top(0));
    EXPECT_TRUE(with_top(0x80)->id.extended);
    EXPECT_FALSE(with_top(0x40)) << "remote";
    EXPECT_FALSE(with_top(0x20)) << "error";
}

TEST(KernelFrame, BytesThatTheKernelWouldNotGiveAreNoFrame) {
    Bytes bytes = to_kernel(classic_frame());
    bytes[4] = 9;
    EXPECT_FALSE(from_kernel(bytes));
    EXPECT_FALSE(from_kernel(View(bytes).first(15)));
    EXPECT_FALSE(from_kernel({}));
}

TEST(SocketCan, SaysClearlyThatTheKernelHasNoCanOrNoSuchInterface) {
    Loop loop;
    const auto bus = complete(loop, BusClient::connect(loop, "socketcan:nocan7"));
    ASSERT_FALSE(bus);
    EXPECT_TRUE(bus.error().is(faults::no_socketcan) || bus.error().is(faults::connect_failed)) << bus.error().str();
    EXPECT_NE(bus.error().detail().find("socketcan:nocan7"), std::string_view::npos);
    EXPECT_TRUE(complete(loop, BusClient::connect(loop, "socketcan:")).error().is(faults::bad_address));
    EXPECT_TRUE(
        complete(loop, BusClient::connect(loop, "socketcan:" + std::string(16, 'x'))).error().is(faults::bad_address));
}

TEST(SocketCan, CarriesFramesAndConfirmsThemByHearingItsOwn) {
    if (::if_nametoindex("vcan0") == 0) GTEST_SKIP() << "this machine has no vcan0";
    Loop loop;
    const auto a = complete(loop, BusClient::connect(loop, "socketcan:vcan0"));
    const auto b = complete(loop, BusClient::connect(loop, "socketcan:vcan0"));
    ASSERT_TRUE(a && b) << (a ? "" : a.error().str());
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(complete(loop, with_deadline(2s, "send", (*a)->send(classic_frame()))));
        EXPECT_EQ(complete(loop, with_deadline(2s, "receive", (*b)->receive())), classic_frame());
    }
}

}  // namespace
}  // namespace pitstop::io::can
