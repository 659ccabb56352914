// Intel HEX and S-records: the same image in both, and what is wrong with others. The lines were checked by hand
// against the two specifications' checksum rules.
#include "core/image/faults.h"
#include "core/image/intel_hex.h"
#include "core/image/record_lines.h"
#include "core/image/s_record.h"

#include <gtest/gtest.h>

#include <format>
#include <string>

namespace pitstop::image {
namespace {

// A line of a kind and its content, with the checksum that belongs to it.
std::string hex_line(std::uint8_t type, std::uint16_t offset, std::string_view content) {
    const std::string head = std::format("{:02X}{:04X}{:02X}{}", content.size() / 2, offset, type, content);
    const auto sum = static_cast<std::uint8_t>(-RecordBytes::from(head)->sum());
    return std::format(":{}{:02X}\n", head, sum);
}
std::string s_line(char kind, std::string_view address, std::string_view content) {
    const std::string head = std::format("{:02X}{}{}", (address.size() + content.size()) / 2 + 1, address, content);
    const auto sum = static_cast<std::uint8_t>(~RecordBytes::from(head)->sum());
    return std::format("S{}{}{:02X}\n", kind, head, sum);
}
const std::string hex_end = ":00000001FF\n", s_end = s_line('9', "0000", "");

auto hex(std::string_view text) { return intel_hex_segments(view_of(text)); }
auto srec(std::string_view text) { return s_record_segments(view_of(text)); }

TEST(IntelHex, RefusesLinesThatAreNotRecords) {
    const auto broken = [](const std::string& text) { return hex(text).error().is(faults::broken_records); };
    EXPECT_TRUE(broken(""));
    EXPECT_TRUE(broken("x" + hex_end));
    EXPECT_TRUE(broken(":0G000001FF\n"));
    EXPECT_TRUE(broken(":00000001F\n"));
    EXPECT_TRUE(broken(":0000\n"));
    EXPECT_TRUE(broken(":01000001FF\n"));                                   // counts one byte too many
    EXPECT_TRUE(broken(":" + std::string(2 * record_bytes_max + 2, '0')));  // longer than any record
    EXPECT_TRUE(broken(hex_line(6, 0, "") + hex_end));                      // no such type
    EXPECT_TRUE(broken(hex_line(4, 0, "080000") + hex_end));                // an address of three bytes
    EXPECT_TRUE(broken(hex_line(1, 0, "00")));                              // an end with content
    EXPECT_TRUE(broken(hex_line(0, 0, "01")));                              // no end
    EXPECT_TRUE(broken(hex_line(0, 0, "01") + hex_end + hex_line(0, 1, "02")));
    EXPECT_TRUE(broken(hex_line(0, 0, "01") + hex_end + hex_end));
}

TEST(IntelHex, RefusesEveryFlippedDigit) {
    const std::string good = hex_line(4, 0, "0800") + hex_line(0, 0x10, "01020304") + hex_end;
    ASSERT_TRUE(hex(good));
    for (std::size_t at = 0; at < good.size(); ++at) {
        if (good[at] == '\n') continue;
        std::string bad = good;
        bad[at] = bad[at] == '7' ? '8' : '7';
        EXPECT_FALSE(hex(bad)) << at;
    }
    EXPECT_TRUE(hex(":0100000001FF\n" + hex_end).error().is(faults::wrong_checksum));
}

TEST(IntelHex, RefusesAddressesBeyondWhatItCanName) {
    EXPECT_TRUE(
        hex(hex_line(4, 0, "FFFF") + hex_line(0, 0xFFFF, "0102") + hex_end).error().is(faults::address_overflow));
    EXPECT_TRUE(
        hex(hex_line(2, 0, "1000") + hex_line(0, 0xFFFF, "0102") + hex_end).error().is(faults::address_overflow));
    EXPECT_EQ(hex(hex_line(4, 0, "FFFF") + hex_line(0, 0xFFFE, "0102") + hex_end)->front().end(), 0x1'0000'0000U);
    EXPECT_EQ(hex(hex_line(4, 0, "0001") + hex_line(0, 0xFFFF, "0102") + hex_end)->front().end(), 0x2'0001U);
    EXPECT_TRUE(hex(hex_line(0, 4, "0102") + hex_line(0, 5, "03") + hex_end).error().is(faults::overlap));
    EXPECT_TRUE(hex(hex_end).error().is(faults::no_segments));
}

TEST(IntelHex, BecomesSegmentsWhateverEndsItsLines) {
    const std::string text = hex_line(4, 0, "0800") + hex_line(0, 0, "0A0B") + hex_line(5, 0, "08000101") +
                             hex_line(2, 0, "1000") + hex_line(0, 0x20, "0c") + hex_end;
    const std::vector<Segment> expected{{0x1'0020, {0x0C}}, {0x800'0000, {0x0A, 0x0B}}};
    EXPECT_EQ(*hex(text), expected);
    std::string dos, mac;
    for (const char c : text) {
        dos += c == '\n' ? "\r\n" : std::string(1, c);
        mac += c == '\n' ? '\r' : c;
    }
    EXPECT_EQ(*hex(dos), expected);
    EXPECT_EQ(*hex(mac), expected);
    EXPECT_EQ(*hex(text + "\n\n"), expected);
}

TEST(SRecords, RefuseLinesThatAreNotRecords) {
    const auto broken = [](const std::string& text) { return srec(text).error().is(faults::broken_records); };
    EXPECT_TRUE(broken(""));
    EXPECT_TRUE(broken("S\n"));
    EXPECT_TRUE(broken("SA03000000\n"));
    EXPECT_TRUE(broken("T9030000FC\n"));
    EXPECT_TRUE(broken("S9030000F\n"));
    EXPECT_TRUE(broken("S9020000FC\n"));
    EXPECT_TRUE(broken("S101FE\n"));
    EXPECT_TRUE(broken(s_line('4', "0000", "") + s_end));
    EXPECT_TRUE(broken(s_line('1', "0000", "01")));
    EXPECT_TRUE(broken(s_line('1', "0000", "01") + s_end + s_line('1', "0001", "02")));
    EXPECT_TRUE(broken(s_line('1', "0000", "01") + s_line('9', "0000", "00")));
    EXPECT_TRUE(broken(s_line('1', "0000", "01") + s_line('5', "0002", "") + s_end));  // counts two
}

TEST(SRecords, RefuseEveryFlippedDigit) {
    const std::string good =
        s_line('0', "0000", "6869") + s_line('3', "08000000", "01020304") + s_line('7', "08000000", "");
    ASSERT_TRUE(srec(good));
    for (std::size_t at = 0; at < good.size(); ++at) {
        if (good[at] == '\n') continue;
        std::string bad = good;
        bad[at] = bad[at] == '6' ? '5' : '6';
        EXPECT_FALSE(srec(bad)) << at;
    }
    EXPECT_TRUE(srec("S10400000100\n" + s_end).error().is(faults::wrong_checksum));
}

TEST(SRecords, RefuseAddressesBeyondWhatTheyCanName) {
    EXPECT_TRUE(srec(s_line('1', "FFFF", "0102") + s_end).error().is(faults::address_overflow));
    EXPECT_TRUE(srec(s_line('2', "FFFFFF", "0102") + s_end).error().is(faults::address_overflow));
    EXPECT_TRUE(srec(s_line('3', "FFFFFFFF", "0102") + s_end).error().is(faults::address_overflow));
    EXPECT_EQ(srec(s_line('3', "FFFFFFFF", "01") + s_end)->front().end(), 0x1'0000'0000U);
    EXPECT_TRUE(srec(s_line('1', "0004", "0102") + s_line('1', "0005", "03") + s_end).error().is(faults::overlap));
    EXPECT_TRUE(srec(s_end).error().is(faults::no_segments));
}

TEST(SRecords, BecomeSegmentsOfEveryWidth) {
    const std::string text = s_line('0', "0000", "6869") + s_line('1', "0010", "0A") + s_line('2', "020000", "0B") +
                             s_line('3', "08000000", "0C0d") + s_line('5', "0003", "") + s_line('7', "08000001", "");
    EXPECT_EQ(*srec(text), (std::vector<Segment>{{0x10, {0x0A}}, {0x2'0000, {0x0B}}, {0x800'0000, {0x0C, 0x0D}}}));
}

TEST(RecordFormats, AreReadBehindAByteOrderMarkBlanksAndEmptyLines) {
    const std::string hex_text = hex_line(0, 0, "0102") + hex_end, s_text = s_line('1', "0000", "0102") + s_end;
    const std::vector<Segment> expected{{0, {1, 2}}};
    for (const std::string front : {"\xEF\xBB\xBF", " ", "\t", "\n", "\r\n\r\n", "\xEF\xBB\xBF \n "}) {
        EXPECT_TRUE(looks_like_intel_hex(view_of(front + hex_text))) << to_hex(view_of(front));
        EXPECT_TRUE(looks_like_s_records(view_of(front + s_text))) << to_hex(view_of(front));
        const auto from_hex_text = hex(front + hex_text), from_s_text = srec(front + s_text);
        ASSERT_TRUE(from_hex_text && from_s_text) << to_hex(view_of(front));
        EXPECT_EQ(*from_hex_text, expected);
        EXPECT_EQ(*from_s_text, expected);
    }
    EXPECT_EQ(*hex("  :020000000102FB \n\t:00000001FF\t\n  \n"), expected);
}

TEST(RecordFormats, AreDamagedAndNotRawWhereSomethingStandsInFront) {
    const std::string hex_text = hex_line(0, 0, "0102") + hex_end, s_text = s_line('1', "0000", "0102") + s_end;
    std::string wide("\xFF\xFE", 2);
    for (const char c : hex_text) wide += {c, '\0'};
    for (const std::string& text : {"; made by a linker\n" + hex_text, "f\xC3\xBCr ECU_011\n" + hex_text, wide}) {
        EXPECT_TRUE(looks_like_intel_hex(view_of(text)));
        EXPECT_TRUE(hex(text).error().is(faults::broken_records));
    }
    EXPECT_TRUE(looks_like_s_records(view_of("# checked\n" + s_text)));
    EXPECT_TRUE(srec("# checked\n" + s_text).error().is(faults::broken_records));
    // A page about records is none, and neither is a binary that has one somewhere.
    EXPECT_FALSE(looks_like_intel_hex(view_of("Records begin with ':', as in :0000.\n")));
    EXPECT_FALSE(looks_like_intel_hex(view_of(std::string("\1\2\n") + hex_text)));
}

TEST(RecordFormats, AreRecognisedAlsoWhenTheirFirstLineIsDamaged) {
    EXPECT_TRUE(looks_like_intel_hex(view_of(hex_end)));
    EXPECT_TRUE(looks_like_intel_hex(view_of(":0000x001FF\n:00000001FF\n")));
    EXPECT_TRUE(looks_like_s_records(view_of(s_end)));
    EXPECT_TRUE(looks_like_s_records(view_of("S1x\n")));
    EXPECT_FALSE(looks_like_intel_hex(view_of(std::string_view(":\0\1\2 firmware", 13))));
    EXPECT_FALSE(looks_like_s_records(view_of(std::string_view("S1\0\1\2 firmware", 14))));
    EXPECT_FALSE(looks_like_s_records(view_of("Some notes")));
    EXPECT_FALSE(looks_like_s_records(view_of("X0030000FC")));
}

}  // namespace
}  // namespace pitstop::image
