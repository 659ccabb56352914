// Our ISO-TP against the kernel's own (can-isotp), over vcan0 and vcan1, where a kernel has them: `./dev can-kernel`
// boots one. vcan0 takes CAN FD, vcan1 need not.
#include "core/isotp/faults.h"
#include "io/can/bus_client.h"
#include "io/can/isotp_link.h"

#include <gtest/gtest.h>
#include <linux/can.h>
#include <linux/can/isotp.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace pitstop::io::can {
namespace {

using namespace std::chrono_literals;
using isotp::CanId;

constexpr std::size_t kernel_size_max = 8000;  // what every kernel with can-isotp takes: 8200 once, more since 6.4

Bytes message_of(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    return bytes;
}

struct FlowControl {
    std::uint8_t block_size = 0, separation_code = 0;
};

canid_t kernel_id(CanId id) { return id.value | (id.extended ? CAN_EFF_FLAG : 0); }

// The other end of a link with these settings, inside the kernel.
class KernelEnd {
public:
    KernelEnd(const std::string& interface, const isotp::Settings& settings, FlowControl asked) {
        can_isotp_options options{};
        options.txpad_content = options.rxpad_content = 0xCC;
        options.flags = CAN_ISOTP_TX_PADDING;
        if (settings.receive.byte) {
            options.flags |= CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR;
            options.ext_address = *settings.receive.byte;
            options.rx_ext_address = settings.form.address.byte.value_or(0);
        }
        set(CAN_ISOTP_OPTS, options);
        set(CAN_ISOTP_RECV_FC, can_isotp_fc_options{asked.block_size, asked.separation_code, 0});
        const auto mtu = static_cast<std::uint8_t>(settings.form.fd ? CANFD_MTU : CAN_MTU);
        const auto flags = static_cast<std::uint8_t>(settings.form.brs ? CANFD_BRS : 0);
        set(CAN_ISOTP_LL_OPTS, can_isotp_ll_options{mtu, settings.form.frame_size, flags});
        const timeval patience{5, 0};
        EXPECT_EQ(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
        sockaddr_can address{};
        address.can_family = AF_CAN;
        address.can_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
        address.can_addr.tp.rx_id = kernel_id(settings.form.address.id);
        address.can_addr.tp.tx_id = kernel_id(settings.receive.id);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << errno;
    }
    ~KernelEnd() { ::close(socket_); }
    KernelEnd(const KernelEnd&) = delete;
    KernelEnd& operator=(const KernelEnd&) = delete;

    // Comes back at once; the kernel sends by itself.
    void send(View message) const {
        EXPECT_EQ(::send(socket_, message.data(), message.size(), 0), static_cast<ssize_t>(message.size())) << errno;
    }
    Bytes receive() const {
        Bytes message(0x2'0000);
        const ssize_t got = ::recv(socket_, message.data(), message.size(), 0);
        EXPECT_GT(got, 0) << std::generic_category().message(errno);
        message.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return message;
    }
    int failure() const {  // of what it sent
        std::uint8_t byte = 0;
        return ::recv(socket_, &byte, 1, 0) < 0 ? errno : 0;
    }

private:
    template <class Option>
    void set(int name, const Option& value) const {
        EXPECT_EQ(::setsockopt(socket_, SOL_CAN_ISOTP, name, &value, sizeof value), 0) << name << ": " << errno;
    }

    int socket_ = ::socket(PF_CAN, SOCK_DGRAM | SOCK_CLOEXEC, CAN_ISOTP);
};

struct KernelIsotp : ::testing::Test {
    Loop loop;
    std::unique_ptr<BusClient> bus;
    std::string interface = "vcan0";

    void SetUp() override {
        if (::if_nametoindex("vcan0") == 0) GTEST_SKIP() << "this machine has no vcan0";
        join("vcan0");
    }
    void join(const std::string& name) {
        interface = name;
        bus = *complete(loop, BusClient::connect(loop, "socketcan:" + name));
    }
    template <class T>
    Result<T> within(std::chrono::milliseconds limit, Task<T> task) {
        return complete(loop, with_deadline(limit, "test", std::move(task)));
    }

    void let_pass(std::chrono::milliseconds time) {
        const auto waiting = [](std::chrono::milliseconds for_this) -> Task<void> {
            co_await pause(for_this);
            co_return Result<void>();
        };
        ASSERT_TRUE(complete(loop, waiting(time)));
    }

    // Each size in both directions, then both directions at once.
    void cross(const isotp::Settings& settings, const std::vector<std::size_t>& sizes, FlowControl asked = {}) {
        const auto link = *IsotpLink::open(*bus, settings);
        const KernelEnd kernel(interface, settings, asked);
        for (const std::size_t size : sizes) {
            const Bytes message = message_of(size);
            const auto sent = within(20s, link->send(message));
            ASSERT_TRUE(sent) << size << ": " << sent.error().str();
            ASSERT_EQ(kernel.receive(), message) << "to the kernel: " << size;
            kernel.send(message);
            const auto got = within(20s, link->receive());
            ASSERT_TRUE(got) << size << ": " << got.error().str();
            ASSERT_EQ(got->message, message) << "from the kernel: " << size;
        }
        const Bytes one = message_of(sizes.back()), other = message_of(sizes.back() - 1);
        kernel.send(one);
        ASSERT_TRUE(within(20s, link->send(other)));
        EXPECT_EQ(kernel.receive(), other);
        EXPECT_EQ(within(20s, link->receive())->message, one);
    }
};

std::vector<std::size_t> boundaries(std::size_t frame_size) {
    std::vector<std::size_t> sizes;
    for (std::size_t size = 1; size <= frame_size + 2; ++size) sizes.push_back(size);
    for (std::size_t size = 2 * frame_size - 6; size <= 2 * frame_size; ++size) sizes.push_back(size);
    for (const std::size_t size : {4094, 4095, 4096, 4097}) sizes.push_back(size);
    sizes.push_back(kernel_size_max);
    return sizes;
}

isotp::Settings with_byte(isotp::Settings settings) {  // extended addressing: N_TA before the PCI
    settings.form.address.byte = 0xF1;
    settings.receive.byte = 0x11;
    return settings;
}

TEST_F(KernelIsotp, ClassicFramesWithNormalAddresses) { cross(classic_settings({0x639}, {0x631}), boundaries(8)); }

TEST_F(KernelIsotp, ClassicFramesOnABusWithoutFd) {
    if (::if_nametoindex("vcan1") == 0) GTEST_SKIP() << "this machine has no vcan1";
    join("vcan1");
    cross(classic_settings({0x639}, {0x631}), boundaries(8));
}

TEST_F(KernelIsotp, ClassicFramesWithExtendedAddresses) {
    cross(with_byte(classic_settings({0x639}, {0x631})), boundaries(8));
}

TEST_F(KernelIsotp, IdentifiersOf29Bits) {
    const CanId ours = isotp::normal_fixed(isotp::Addressing::physical, 0xF1, 0x11);
    const CanId theirs = isotp::normal_fixed(isotp::Addressing::physical, 0x11, 0xF1);
    cross(classic_settings(ours, theirs), boundaries(8));
    cross(fd_settings(ours, theirs), boundaries(64));
    cross(with_byte(classic_settings(isotp::mixed(isotp::Addressing::physical, 0xF1, 0x11),
                                     isotp::mixed(isotp::Addressing::physical, 0x11, 0xF1))),
          boundaries(8));
}

TEST_F(KernelIsotp, FdFramesOfEverySize) {
    for (const auto size : std::to_array<std::uint8_t>({8, 12, 16, 20, 24, 32, 48, 64})) {
        auto settings = fd_settings({0x639}, {0x631});
        settings.form.frame_size = size;
        cross(settings, boundaries(size));
        if (size == 12 || size == 64) cross(with_byte(settings), boundaries(size));
    }
}

TEST_F(KernelIsotp, WithoutPadding) {
    for (auto settings : {classic_settings({0x639}, {0x631}), fd_settings({0x639}, {0x631})}) {
        settings.form.padding = isotp::Padding::only_where_needed;
        cross(settings, boundaries(settings.form.frame_size));
    }
}

TEST_F(KernelIsotp, BlocksAndPausesThatEitherSideAsksFor) {
    for (const auto block : std::to_array<std::uint8_t>({0, 1, 2, 8, 255}))
        for (const auto separation : std::to_array<std::uint8_t>({0x00, 0x01, 0xF1, 0xF9})) {
            for (auto settings : {classic_settings({0x639}, {0x631}), fd_settings({0x639}, {0x631})}) {
                settings.receiving.block_size = block;
                settings.receiving.separation_code = separation;
                cross(settings, {7, 70, 700}, {block, separation});
            }
        }
}

TEST_F(KernelIsotp, PausesAreAtLeastAsLongAsTheKernelAsked) {
    const auto settings = classic_settings({0x639}, {0x631});
    const auto link = *IsotpLink::open(*bus, settings);
    const KernelEnd kernel("vcan0", settings, {.block_size = 0, .separation_code = 20});
    const Tick before = loop.now();
    ASSERT_TRUE(within(20s, link->send(message_of(6 + 7 * 11))));
    EXPECT_GE(loop.now() - before, 200ms) << "eleven consecutive frames have ten pauses";
    EXPECT_EQ(kernel.receive(), message_of(6 + 7 * 11));
}

TEST_F(KernelIsotp, TheKernelWaitsWhenItIsToldTo) {
    const auto settings = classic_settings({0x639}, {0x631});
    const auto link = *IsotpLink::open(*bus, settings);
    const KernelEnd kernel("vcan0", settings, {});
    for (int i = 0; i < 9; ++i) {  // more than a link keeps for a reader who does not come
        kernel.send(message_of(20));
        let_pass(100ms);
    }
    kernel.send(message_of(500));
    let_pass(2500ms);  // longer than the kernel's time-out: only FC.WAIT keeps it
    for (int i = 0; i < 9; ++i) ASSERT_EQ(within(2s, link->receive())->message, message_of(20)) << i;
    EXPECT_EQ(within(5s, link->receive())->message, message_of(500));
}

TEST_F(KernelIsotp, WhatIsTooLongIsRefusedByEitherSide) {
    const auto settings = classic_settings({0x639}, {0x631});
    const auto link = *IsotpLink::open(*bus, settings, 50);
    const KernelEnd kernel("vcan0", settings, {});
    kernel.send(message_of(51));
    EXPECT_TRUE(within(2s, link->receive()).error().is(isotp::faults::too_long));
    EXPECT_EQ(kernel.failure(), EMSGSIZE);
    EXPECT_TRUE(within(2s, link->send(message_of(0x20'0000))).error().is(isotp::faults::receiver_full));
    ASSERT_TRUE(within(2s, link->send(message_of(100)))) << "and afterwards as if nothing had been";
    EXPECT_EQ(kernel.receive(), message_of(100));
}

TEST_F(KernelIsotp, SaysWhenNobodyAnswers) {
    const auto link = *IsotpLink::open(*bus, classic_settings({0x639}, {0x631}));
    EXPECT_TRUE(within(5s, link->send(message_of(100))).error().is(isotp::faults::no_flow_control));
    EXPECT_TRUE(within(5s, link->send(message_of(7)))) << "a single frame needs no answer";
}

TEST_F(KernelIsotp, MessagesOf64KibWhereTheKernelAllows) {
    std::size_t allowed = 0;
    std::ifstream("/sys/module/can_isotp/parameters/max_pdu_size") >> allowed;
    if (allowed < message_size_bytes_max) GTEST_SKIP() << "can-isotp's max_pdu_size is " << allowed;
    cross(classic_settings({0x639}, {0x631}), {16 * 1024 + 2});
    cross(fd_settings({0x639}, {0x631}), {message_size_bytes_max});
}

}  // namespace
}  // namespace pitstop::io::can
