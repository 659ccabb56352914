#include "io/can/stream_format.h"

#include "io/can/address.h"
#include "io/can/faults.h"

#include <gtest/gtest.h>
#include <random>

namespace pitstop::io::can {
namespace {

const Bytes golden_frame{1, 6, 12, 0, 0x00, 0x00, 0x07, 0x11, 0, 0, 0, 1,  0,  0,
                         0, 9, 1,  2, 3,    4,    5,    6,    7, 8, 9, 10, 11, 12};

constexpr BusTime golden_time{0x1'0000'0009};

CanFrame frame_of_golden() {
    CanFrame frame;
    frame.id = {0x711, false};
    frame.fd = frame.brs = true;
    frame.size = 12;
    for (std::uint8_t i = 0; i < 12; ++i) frame.data[i] = static_cast<std::uint8_t>(i + 1);
    return frame;
}

TEST(Address, RefusesWhatIsNoAddressOrLeavesTheMachine) {
    for (const char* bad : {"", "unix:", "/run/x", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:65536",
                            "tcp:127.0.0.1:1x", "tcp:localhost:1", "tcp:192.0.2.1:1", "udp:127.0.0.1:1"})
        EXPECT_TRUE(Address::parse(bad).error().is(faults::bad_address)) << bad;
    EXPECT_TRUE(Address::parse("unix:" + std::string(200, 'x')).error().is(faults::bad_address));
    EXPECT_EQ(Address::parse("unix:/run/can0.sock")->socket_path, "/run/can0.sock");
    EXPECT_TRUE(Address::parse("tcp:127.0.0.1:29536")->socket_path.empty());
    EXPECT_TRUE(Address::parse("tcp:::1:29536"));
}

TEST(StreamFormat, RefusesAHelloOfSomebodyElse) {
    const auto good = write_hello(32);
    EXPECT_EQ(read_hello(good), 32);
    EXPECT_TRUE(read_hello(View(good).first(7)).error().is(faults::bad_stream));
    auto bad = good;
    bad[0] = 'X';
    EXPECT_TRUE(read_hello(bad).error().is(faults::bad_stream));
    bad = good;
    bad[4] = 1;
    EXPECT_TRUE(read_hello(bad).error().is(faults::wrong_version));
    bad = good;
    bad[7] = 1;
    EXPECT_TRUE(read_hello(bad).error().is(faults::bad_stream));
}

TEST(StreamFormat, WritesTheBytesThatItsHeaderPromises) {
    Bytes stream;
    append(stream, {frame_of_golden(), golden_time});
    EXPECT_EQ(stream, golden_frame);
    stream.clear();
    append(stream, Confirmation{3, golden_time});
    EXPECT_EQ(stream, (Bytes{2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9}));
    EXPECT_EQ(write_hello(32), (std::array<std::uint8_t, 8>{'P', 'B', 'U', 'S', 2, 32, 0, 0}));
}

TEST(StreamFormat, WaitsForARecordThatIsNotComplete) {
    for (std::size_t size = 0; size < golden_frame.size(); ++size) {
        const auto read = read_record(View(golden_frame).first(size));
        ASSERT_TRUE(read);
        EXPECT_FALSE(*read) << size;
    }
    const auto read = read_record(golden_frame);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(std::get<TimedFrame>((*read)->record).frame, frame_of_golden());
    EXPECT_EQ(std::get<TimedFrame>((*read)->record).time, golden_time);
    EXPECT_EQ((*read)->size_bytes, golden_frame.size());
}

TEST(StreamFormat, RefusesRecordsThatNoNodeWouldSend) {
    const auto refused = [](std::size_t at, std::uint8_t value, Bytes bytes) {
        bytes[at] = value;
        const auto read = read_record(bytes);
        return !read && read.error().is(faults::bad_stream);
    };
    EXPECT_TRUE(refused(0, 0, golden_frame));
    EXPECT_TRUE(refused(0, 3, golden_frame));
    EXPECT_TRUE(refused(1, 0x0E, golden_frame)) << "unknown flag";
    EXPECT_TRUE(refused(1, 4, golden_frame)) << "rate switch without FD";
    EXPECT_TRUE(refused(2, 13, golden_frame)) << "no such size";
    EXPECT_TRUE(refused(2, 255, golden_frame));
    EXPECT_TRUE(refused(3, 1, golden_frame));
    EXPECT_TRUE(refused(6, 0x08, golden_frame)) << "identifier of 12 bits";
    const Bytes confirmation{2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_FALSE(refused(1, 255, confirmation));
    EXPECT_TRUE(refused(1, 0, confirmation));
    EXPECT_TRUE(refused(2, 1, confirmation));
    EXPECT_TRUE(refused(7, 1, confirmation));
}

TEST(StreamFormat, AnyBytesAreReadWaitedForOrRefused) {
    std::mt19937 random(5);
    for (int i = 0; i < 100'000; ++i) {
        Bytes bytes(random() % 80);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 3);
        const auto read = read_record(bytes);
        if (read && *read) {
            EXPECT_LE((*read)->size_bytes, bytes.size());
        }
    }
}

}  // namespace
}  // namespace pitstop::io::can
