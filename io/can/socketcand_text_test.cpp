#include "io/can/socketcand_text.h"

#include "io/can/faults.h"

#include <gtest/gtest.h>

namespace pitstop::io::can::socketcand {
namespace {

using isotp::CanFrame;

Command command_of(std::string_view text) {
    const auto read = read_command(view_of(text));
    EXPECT_TRUE(read && *read) << text;
    if (!read || !*read) return Unknown{};
    EXPECT_EQ((*read)->size_bytes, text.size()) << text;
    return (*read)->command;
}

CanFrame sent(std::string_view text) {
    const Command command = command_of(text);
    const auto* send = std::get_if<Send>(&command);
    EXPECT_TRUE(send) << text;
    return send != nullptr ? send->frame : CanFrame{};
}

TEST(SocketcandText, TakesFramesAsToolsWriteThem) {
    CanFrame frame;
    frame.id = {0x7DF, false};
    frame.size = 2;
    frame.data[0] = 0x3E;
    frame.data[1] = 0x80;
    EXPECT_EQ(sent("< send 7DF 2 3e 80 >"), frame);
    EXPECT_EQ(sent("<send 7df 2 3E 80>"), frame);
    frame.id = {0x7DF, true};
    EXPECT_EQ(sent("< send 000007DF 2 3e 80 >"), frame) << "eight digits are an extended identifier";
    frame.size = 0;
    EXPECT_EQ(sent("< send 000007DF 0 >"), frame);
}

TEST(SocketcandText, TakesFdFramesAndFillsThemUpToAFrameSize) {
    CanFrame frame = sent("< fdsend 18DA11F1 1 9 0 7 1 2 3 4 5 6 7 >");
    EXPECT_TRUE(frame.fd && frame.brs && frame.id.extended);
    EXPECT_EQ(frame.size, 12);
    EXPECT_EQ(frame.data[8], 7);
    EXPECT_FALSE(sent("< fdsend 123 0 0 >").brs);
}

TEST(SocketcandText, KnowsTheCommandsThatJoinABus) {
    EXPECT_EQ(std::get<Open>(command_of("< open can0 >")).bus, "can0");
    EXPECT_TRUE(std::holds_alternative<RawMode>(command_of("< rawmode >")));
    EXPECT_TRUE(std::holds_alternative<BcmMode>(command_of("< bcmmode >")));
    EXPECT_TRUE(std::holds_alternative<Echo>(command_of("\n< echo >")));
}

TEST(SocketcandText, KnowsNothingElse) {
    for (const char* text : {"< >",
                             ">",
                             "< open >",
                             "< rawmode now >",
                             "< send >",
                             "< send 123 >",
                             "< send 123 9 1 2 3 4 5 6 7 8 9 >",
                             "< send 123 2 1 >",
                             "< send 123 1 1 2 >",
                             "< send 123 1 100 >",
                             "< send 123 1 x >",
                             "< send 800 0 >",
                             "< send 20000000 0 >",
                             "< send -1 0 >",
                             "< send 123 -1 >",
                             "< fdsend 123 0 65 >",
                             "< fdsend 123 x 0 >",
                             "< fdsend 123 100 0 >",
                             "< sendrtr 123 0 >",
                             "< subscribe 0 0 123 >",
                             "< statistics 1000 >"})
        EXPECT_TRUE(std::holds_alternative<Unknown>(command_of(text))) << text;
}

TEST(SocketcandText, WaitsForTheEndOfACommandButNotForEver) {
    EXPECT_FALSE(*read_command(view_of("< send 123 0 ")));
    const std::string endless = "< send 123 " + std::string(command_size_bytes_max, ' ');
    EXPECT_TRUE(read_command(view_of(endless)).error().is(faults::bad_stream));
    const auto two = read_command(view_of("< echo >< rawmode >"));
    EXPECT_EQ((*two)->size_bytes, 8U);
}

TEST(SocketcandText, TellsFramesAsToolsReadThem) {
    using std::chrono::microseconds;
    CanFrame frame = sent("< send 123 4 11 22 33 44 >");
    EXPECT_EQ(line_of(frame, microseconds(23'424'242)), "< frame 123 23.424242 11223344 >");
    frame.id = {0x18DA11F1, true};
    EXPECT_EQ(line_of(frame, microseconds(5)), "< frame 18DA11F1 0.000005 11223344 >");
    frame = sent("< fdsend 001 1 1 AB >");
    EXPECT_EQ(line_of(frame, microseconds(1'000'000)), "< fdframe 001 05 1.000000 AB >");
    frame.size = 0;
    frame.fd = frame.brs = false;
    EXPECT_EQ(line_of(frame, microseconds(1'000'000)), "< frame 001 1.000000  >");
}

}  // namespace
}  // namespace pitstop::io::can::socketcand
