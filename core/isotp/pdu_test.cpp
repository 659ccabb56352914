#include "core/isotp/pdu.h"

#include "core/isotp/faults.h"
#include "core/isotp/pair_test.h"

#include <gtest/gtest.h>

namespace pitstop::isotp {
namespace {

CanFrame frame_of(std::initializer_list<std::uint8_t> bytes, bool fd = false) {
    CanFrame frame;
    frame.id = {0x7E0, false};
    frame.fd = fd;
    frame.size = static_cast<std::uint8_t>(bytes.size());
    std::ranges::copy(bytes, frame.data.begin());
    return frame;
}

CanFrame fd_frame(std::size_t size, std::initializer_list<std::uint8_t> bytes) {
    CanFrame frame = frame_of(bytes, true);
    frame.size = static_cast<std::uint8_t>(size);
    return frame;
}

TEST(CanFrame, RefusesWhatNoControllerCouldSend) {
    CanFrame frame = frame_of({1, 2, 3});
    EXPECT_TRUE(check(frame));
    frame.id.value = 0x800;
    EXPECT_TRUE(check(frame).error().is(faults::bad_frame));
    frame.id.extended = true;
    EXPECT_TRUE(check(frame));
    frame.id.value = 0x20000000;
    EXPECT_TRUE(check(frame).error().is(faults::bad_frame));
    frame.id.value = 1;
    frame.brs = true;
    EXPECT_TRUE(check(frame).error().is(faults::bad_frame));
    frame.fd = true;
    EXPECT_TRUE(check(frame));
    for (const int size : {9, 13, 33, 63, 65, 255}) {
        frame.size = static_cast<std::uint8_t>(size);
        EXPECT_TRUE(check(frame).error().is(faults::bad_frame)) << size;
        EXPECT_LE(frame.payload().size(), 64U);
    }
    frame = frame_of({1, 2, 3});
    frame.size = 9;
    EXPECT_TRUE(check(frame).error().is(faults::bad_frame));
}

TEST(CanFrame, KnowsTheSixteenSizes) {
    const std::uint8_t sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};
    for (std::uint8_t dlc = 0; dlc < 16; ++dlc) {
        EXPECT_EQ(dlc_of(sizes[dlc]), dlc);
        EXPECT_TRUE(is_frame_size(sizes[dlc]));
    }
    EXPECT_EQ(frame_size_for(9), 12U);
    EXPECT_EQ(frame_size_for(49), 64U);
    EXPECT_FALSE(is_frame_size(9));
    EXPECT_FALSE(is_frame_size(65));
}

TEST(Pdu, IgnoresEveryFrameThatTheStandardSaysToIgnore) {
    const std::pair<const char*, CanFrame> cases[] = {
        {"nothing at all", frame_of({})},
        {"SF_DL 0", frame_of({0x00, 1, 2, 3, 4, 5, 6, 7})},
        {"SF_DL longer than the frame", frame_of({0x05, 1, 2, 3})},
        {"SF_DL shorter than an unpadded frame", frame_of({0x02, 1, 2, 3})},
        {"SF_DL 8 in a classic frame", frame_of({0x08, 1, 2, 3, 4, 5, 6, 7})},
        {"escape in a classic frame", frame_of({0x00, 7, 2, 3, 4, 5, 6, 7})},
        {"short SF in a long FD frame", fd_frame(12, {0x03, 1, 2, 3})},
        {"escaped SF_DL that a short frame would hold", fd_frame(12, {0x00, 7})},
        {"escaped SF_DL longer than the frame", fd_frame(12, {0x00, 11})},
        {"escaped SF_DL that fits a smaller frame", fd_frame(64, {0x00, 20})},
        {"FF in less than 8 bytes", frame_of({0x10, 20, 1, 2, 3, 4, 5})},
        {"FF_DL that fits a single frame", frame_of({0x10, 7, 1, 2, 3, 4, 5, 6})},
        {"FF_DL that fits an FD single frame", fd_frame(64, {0x10, 62})},
        {"FF_DL 0", frame_of({0x10, 0, 0, 0, 0, 0, 1, 2})},
        {"escaped FF_DL that 12 bits would hold", frame_of({0x10, 0, 0, 0, 0x0F, 0xFF, 1, 2})},
        {"FC without STmin", frame_of({0x30, 0})},
        {"reserved type", frame_of({0x40, 0, 0, 0, 0, 0, 0, 0})},
        {"reserved type F", frame_of({0xF0, 0, 0, 0, 0, 0, 0, 0})},
    };
    for (const auto& [what, frame] : cases) EXPECT_FALSE(read(frame)) << what;
    CanFrame lying = frame_of({0x02, 1, 2});
    lying.size = 200;
    EXPECT_FALSE(read(lying));
    lying.size = 12;
    EXPECT_FALSE(read(lying)) << "12 bytes without FD";
}

TEST(Pdu, AnyBytesAreReadOrIgnoredButNeverReadPastTheFrame) {
    std::mt19937 random(7);
    for (int i = 0; i < 200'000; ++i) {
        CanFrame frame;
        frame.fd = random() % 2 == 0;
        frame.size = static_cast<std::uint8_t>(random() % 80);
        for (auto& byte : frame.data) byte = static_cast<std::uint8_t>(random());
        const auto pdu = read(frame);
        if (!pdu) continue;
        if (const auto* single = std::get_if<SingleFrame>(&*pdu)) {
            EXPECT_LT(single->payload.size(), frame.size);
        }
        if (const auto* first = std::get_if<FirstFrame>(&*pdu)) {
            EXPECT_GT(first->message_size, first->payload.size());
        }
    }
}

TEST(Pdu, SingleFramesHaveTheBytesOfTheStandard) {
    FrameForm form;
    form.address.id = {0x7E0, false};
    const Bytes three{0x22, 0xF1, 0x90};
    EXPECT_EQ(write_single(form, three), frame_of({0x03, 0x22, 0xF1, 0x90, 0xCC, 0xCC, 0xCC, 0xCC}));
    form.padding = Padding::only_where_needed;
    EXPECT_EQ(write_single(form, three), frame_of({0x03, 0x22, 0xF1, 0x90}));
    form.fd = true;
    form.frame_size = 64;
    const Bytes nine{1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(write_single(form, nine), frame_of({0x00, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xCC}, true));
    for (std::size_t size = 1; size <= 62; ++size) {
        const Bytes bytes = testing::message_of(size);
        const CanFrame frame = write_single(form, bytes);
        ASSERT_TRUE(check(frame));
        const auto pdu = read(frame);
        ASSERT_TRUE(pdu) << size;
        EXPECT_TRUE(std::ranges::equal(std::get<SingleFrame>(*pdu).payload, bytes)) << size;
    }
}

TEST(Pdu, FirstFramesCarryTwelveOrThirtyTwoBitsOfLength) {
    FrameForm form;
    form.address.id = {0x7E0, false};
    const Bytes six{1, 2, 3, 4, 5, 6};
    EXPECT_EQ(write_first(form, 0xFFF, six), frame_of({0x1F, 0xFF, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(write_first(form, 0x1000, View(six).first(2)), frame_of({0x10, 0x00, 0x00, 0x00, 0x10, 0x00, 1, 2}));
    EXPECT_EQ(first_size(form, 4095), 6U);
    EXPECT_EQ(first_size(form, 4096), 2U);
    form.frame_size = 64;
    EXPECT_EQ(first_size(form, 4096), 58U);
}

TEST(Pdu, FlowControlAndConsecutiveFramesHaveTheBytesOfTheStandard) {
    FrameForm form;
    form.address.id = {0x7E0, false};
    EXPECT_EQ(write_flow_control(form, FlowStatus::clear_to_send, 8, 0xF3),
              frame_of({0x30, 8, 0xF3, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC}));
    EXPECT_EQ(write_flow_control(form, FlowStatus::overflow, 0, 0),
              frame_of({0x32, 0, 0, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC}));
    const Bytes two{9, 8};
    EXPECT_EQ(write_consecutive(form, 15, two), frame_of({0x2F, 9, 8, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC}));
}

TEST(Pdu, SeparationTimeIsMillisecondsMicrosecondsOrTheLongestWhenReserved) {
    using std::chrono::microseconds;
    EXPECT_EQ(separation_time(0), microseconds(0));
    EXPECT_EQ(separation_time(0x7F), microseconds(127'000));
    EXPECT_EQ(separation_time(0xF1), microseconds(100));
    EXPECT_EQ(separation_time(0xF9), microseconds(900));
    for (const int reserved : {0x80, 0xF0, 0xFA, 0xFF})
        EXPECT_EQ(separation_time(static_cast<std::uint8_t>(reserved)), microseconds(127'000));
}

}  // namespace
}  // namespace pitstop::isotp
