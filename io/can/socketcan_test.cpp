// Frames as the kernel has them, and what is said where the kernel has no CAN. Where it has (vcan0), frames cross.
#include "io/can/socketcan.h"
#include "io/can/bus_client.h"
#include "io/can/faults.h"
#include "io/can/kernel_frame.h"

#include <gtest/gtest.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
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

// A carrier whose socket ends here instead of in a kernel with CAN.
struct OnAPair : ::testing::Test {
    Loop loop;
    std::array<int, 2> ends{-1, -1};
    std::unique_ptr<Carrier> carrier;
    std::vector<Record> came;

    void SetUp() override {
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
        carrier = carry_over(loop, ends[0]);
    }
    void TearDown() override { ::close(ends[1]); }
    void say(canid_t id) const {
        can_frame frame{};
        frame.can_id = id;
        frame.len = 8;
        ASSERT_EQ(::write(ends[1], &frame, sizeof frame), static_cast<ssize_t>(sizeof frame));
    }
    Result<void> read() { return complete(loop, with_deadline(2s, "read", carrier->read(came))); }
};

TEST_F(OnAPair, DataFramesComeAndOtherErrorFramesAreIgnored) {
    for (const canid_t id : {CAN_ERR_FLAG | CAN_ERR_ACK, CAN_ERR_FLAG | CAN_ERR_CRTL, 0x123U, CAN_RTR_FLAG | 0x124U})
        say(id);
    ASSERT_TRUE(read());
    ASSERT_EQ(came.size(), 1U);
    EXPECT_EQ(std::get<TimedFrame>(came[0]).frame.id.value, 0x123U);
}

TEST_F(OnAPair, AControllerThatLeftTheBusHasLostWhatItHadOfOurs) {
    for (const canid_t error : {CAN_ERR_BUSOFF, CAN_ERR_RESTARTED}) {
        say(CAN_ERR_FLAG | error);
        const auto ended = read();
        ASSERT_FALSE(ended);
        EXPECT_TRUE(ended.error().is(faults::not_connected)) << ended.error().str();
    }
}

TEST_F(OnAPair, FramesGoOutAsTheKernelHasThem) {
    const std::array frames{TimedFrame{classic_frame(), machine_time()}};
    ASSERT_TRUE(complete(loop, with_deadline(2s, "write", carrier->write(frames))));
    Bytes got(100);
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[1], got.data(), got.size()))));
    EXPECT_EQ(got, to_kernel(classic_frame()));
}

int raw_socket_on_vcan0() {
    const int made = ::socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK, CAN_RAW);
    sockaddr_can address{};
    address.can_family = AF_CAN;
    address.can_ifindex = static_cast<int>(::if_nametoindex("vcan0"));
    EXPECT_TRUE(made >= 0 && ::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return made;
}

TEST(SocketCan, AConfirmationThatTheKernelHadNoRoomForIsNotAwaitedForEver) {
    if (::if_nametoindex("vcan0") == 0) GTEST_SKIP() << "this machine has no vcan0";
    Loop loop;
    const int other = raw_socket_on_vcan0(), ours = raw_socket_on_vcan0(), on = 1, little = 1;
    ASSERT_EQ(::setsockopt(ours, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &on, sizeof on), 0);
    ASSERT_EQ(::setsockopt(ours, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on), 0);
    ASSERT_EQ(::setsockopt(ours, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
    const auto carrier = carry_over(loop, ours);
    const Bytes noise = to_kernel(classic_frame());
    for (int i = 0; i < 100; ++i) ASSERT_EQ(::write(other, noise.data(), noise.size()), 16);
    const std::array frames{TimedFrame{classic_frame(), machine_time()}};
    ASSERT_TRUE(complete(loop, with_deadline(2s, "write", carrier->write(frames))));
    std::vector<Record> came;
    ASSERT_TRUE(complete(loop, with_deadline(2s, "read", carrier->read(came)))) << "what there was room for";
    EXPECT_LT(came.size(), 100U);
    ASSERT_EQ(::write(other, noise.data(), noise.size()), 16);
    EXPECT_TRUE(complete(loop, with_deadline(2s, "read", carrier->read(came))).error().is(faults::not_connected));
    ::close(other);
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
