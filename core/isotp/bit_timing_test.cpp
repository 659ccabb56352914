#include "core/isotp/bit_timing.h"

#include "core/base/bytes.h"

#include <gtest/gtest.h>
#include <random>

namespace pitstop::isotp {
namespace {

CanFrame frame_of(std::uint32_t id, Bytes data) {
    CanFrame frame;
    frame.id = {id, id > 0x7FF};
    frame.size = static_cast<std::uint8_t>(data.size());
    std::ranges::copy(data, frame.data.begin());
    return frame;
}

CanFrame fd_of(std::uint32_t id, Bytes data, bool brs = true) {
    CanFrame frame = frame_of(id, std::move(data));
    frame.fd = true;
    frame.brs = brs;
    return frame;
}

TEST(BitTiming, CrcHasThePublishedCheckValue) {
    std::uint16_t crc = 0;
    for (const char c : std::string_view("123456789"))
        for (int i = 7; i >= 0; --i) crc = crc15_step(crc, (c >> i & 1) != 0);
    EXPECT_EQ(crc, 0x059E);
}

// Golden counts from a separate calculation with whole bit strings and polynomial division.
TEST(BitTiming, CountsEveryBitOfClassicFramesWithTheirStuffBits) {
    EXPECT_EQ(bits_of(frame_of(0x123, {})), (FrameBits{48, 0}));
    EXPECT_EQ(bits_of(frame_of(0x000, Bytes(8, 0))), (FrameBits{127, 0}));
    EXPECT_EQ(bits_of(frame_of(0x7E0, {0x02, 0x10, 0x03, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC})), (FrameBits{117, 0}));
    EXPECT_EQ(bits_of(frame_of(0x014, {1})), (FrameBits{58, 0}));
    EXPECT_EQ(bits_of(frame_of(0x18DA11F1, {1, 2, 3})), (FrameBits{96, 0}));
    EXPECT_EQ(bits_of(frame_of(0x555, Bytes(8, 0x55))), (FrameBits{112, 0}));
}

TEST(BitTiming, CountsFdFramesInTwoRates) {
    EXPECT_EQ(bits_of(fd_of(0x123, {})), (FrameBits{29, 33}));
    EXPECT_EQ(bits_of(fd_of(0x000, Bytes(64, 0))), (FrameBits{31, 652}));
    EXPECT_EQ(bits_of(fd_of(0x7E0, Bytes(64, 0xCC))), (FrameBits{31, 551}));
    EXPECT_EQ(bits_of(fd_of(0x700, {0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, false)), (FrameBits{140, 0}));
    EXPECT_EQ(bits_of(fd_of(0x7FF, Bytes(12, 0xFF))), (FrameBits{31, 148}));
}

// Bit after bit, as the standard tells it.
std::uint32_t stuffed_bits_of(const CanFrame& frame) {
    std::vector<bool> bits{false};
    const auto put = [&](std::uint32_t value, int count) {
        while (count-- > 0) bits.push_back((value >> count & 1) != 0);
    };
    put(frame.id.value, 11);
    put(0, 3);
    put(frame.size, 4);
    for (const std::uint8_t byte : frame.payload()) put(byte, 8);
    std::uint16_t crc = 0;
    for (const bool bit : bits) crc = crc15_step(crc, bit);
    put(crc, 15);
    std::uint32_t count = 0, run = 0;
    bool last = true;
    for (const bool bit : bits) {
        run = count > 0 && bit == last ? run + 1 : 1;
        last = bit;
        ++count;
        if (run < 5) continue;
        last = !last;
        run = 1;
        ++count;
    }
    return count;
}

TEST(BitTiming, CountsBytesAsItWouldCountBits) {
    std::mt19937 random(5);
    constexpr std::array<std::uint8_t, 6> likely{0x00, 0xFF, 0x0F, 0xF0, 0x1F, 0x83};
    for (int i = 0; i < 20'000; ++i) {
        Bytes data(random() % 9);
        for (auto& byte : data)
            byte = random() % 2 == 0 ? static_cast<std::uint8_t>(random()) : likely[random() % likely.size()];
        const CanFrame frame = frame_of(random() % 0x800, data);
        ASSERT_EQ(bits_of(frame).nominal, stuffed_bits_of(frame) + 13) << to_hex(data);
    }
}

TEST(BitTiming, StaysWithinTheBoundsThatTheStandardImplies) {
    std::mt19937 random(3);
    for (int i = 0; i < 20'000; ++i) {
        Bytes data(random() % 9);
        for (auto& byte : data)
            byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : (random() % 2 ? 0xFF : 0));
        const std::size_t stuffed = 34 + 8 * data.size();
        const auto classic = bits_of(frame_of(random() % 0x800, data)).nominal;
        EXPECT_GE(classic, stuffed + 13);
        EXPECT_LE(classic, stuffed + 13 + (stuffed - 1) / 4);
        const std::size_t dynamic = 22 + 8 * data.size(), fixed = 27 + 13;
        const FrameBits fd = bits_of(fd_of(random() % 0x800, data));
        EXPECT_GE(fd.nominal + fd.data, dynamic + fixed);
        EXPECT_LE(fd.nominal + fd.data, dynamic + fixed + (dynamic - 1) / 4);
    }
}

TEST(BitTiming, TimeIsBitsOverRate) {
    using std::chrono::nanoseconds;
    EXPECT_EQ(duration_of({127, 0}, {500'000, 2'000'000}), nanoseconds(254'000));
    EXPECT_EQ(duration_of({31, 551}, {500'000, 2'000'000}), nanoseconds(62'000 + 275'500));
}

}  // namespace
}  // namespace pitstop::isotp
