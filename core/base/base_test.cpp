#include "core/base/bytes.h"
#include "core/base/faults.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"

#include <gtest/gtest.h>

namespace pitstop {
namespace {

TEST(Bytes, HexAndBase64ComeBackAsTheyWere) {
    for (std::size_t size = 0; size < 70; ++size) {
        Bytes bytes(size);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + size);
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    }
    EXPECT_EQ(to_base64(view_of("foobar")), "Zm9vYmFy");  // RFC 4648 §10
}

TEST(Bytes, RefuseWhatIsNotHexOrBase64) {
    for (const char* bad : {"0", "0g", "zz"}) EXPECT_TRUE(from_hex(bad).error().is(faults::not_hex)) << bad;
    for (const char* bad : {"Zg", "Zg=a", "Zh==", "Z===", "Zm9 "})
        EXPECT_TRUE(from_base64(bad).error().is(faults::not_base64)) << bad;
    EXPECT_FALSE(sha256_from_hex("00"));
}

TEST(Ids, VinFollowsIso3779AndLetsShortTestIdsThrough) {
    EXPECT_TRUE(Vin::parse("WVWZZZ1JZXW000001"));
    EXPECT_TRUE(Vin::parse("VIN01"));
    for (const char* bad : {"", "ABCD", "WVWZZZ1JZXW00000I", "wvwzzz1jzxw000001", "A/B/C", "WVWZZZ1JZXW0000011"})
        EXPECT_TRUE(Vin::parse(bad).error().is(faults::bad_vin)) << bad;
}

TEST(Ids, EcuAddressIsItsDigitsReadAsHex) {
    EXPECT_EQ(EcuId::parse("ECU_011")->address(), 0x0011);
    EXPECT_EQ(EcuId::parse("ECU_091")->address(), 0x0091);
    EXPECT_EQ(EcuId::parse("ECU_100")->address(), 0x0100);
    for (std::uint32_t n = 1; n <= 100; ++n) {
        const EcuId id = *EcuId::from_number(n);
        EXPECT_EQ(*EcuId::from_address(id.address()), id);
        EXPECT_EQ(*EcuId::parse(id.str()), id);
    }
    for (const char* bad : {"ECU_000", "ECU_101", "ECU_1", "ecu_001", "ECU_01a"})
        EXPECT_TRUE(EcuId::parse(bad).error().is(faults::bad_ecu_id));
    EXPECT_FALSE(EcuId::from_address(0x001A));
}

TEST(Ids, VersionsCompareAsNumbers) {
    EXPECT_LT(*Version::parse("1.9.0"), *Version::parse("1.10.0"));
    EXPECT_LT(*Version::parse("2.2.0"), *Version::parse("2.2.0.100"));
    EXPECT_EQ(Version::parse("2.2.0.100")->str(), "2.2.0.100");
    for (const char* bad : {"", "1", "1.2", "1.2.3.4.5", "1..2", "1.2.x", "01.2.3", "1.2.70000", "1.2.3 ", "-1.2.3"})
        EXPECT_TRUE(Version::parse(bad).error().is(faults::bad_version)) << bad;
}

TEST(Ids, NamesCannotEscapeFromAPath) {
    EXPECT_TRUE(CampaignId::parse("OTA-2025-11-001"));
    EXPECT_TRUE(TargetName::parse("brake/ECU_011-1.1.0.bin"));
    for (const char* bad : {"", "..", ".x", "a/b", "a b", "a\n", "a#", "a+"})
        EXPECT_TRUE(CampaignId::parse(bad).error().is(faults::bad_name)) << bad;
    for (const char* bad : {"", "/a", "a/", "a//b", "a/../b", "a/./b"}) EXPECT_FALSE(TargetName::parse(bad)) << bad;
    EXPECT_FALSE(CampaignId::parse(std::string(65, 'a')));
}

TEST(Time, IsIso8601InUtcAndExists) {
    EXPECT_EQ(UtcTime::parse("1970-01-01T00:00:00Z")->seconds, 0);
    EXPECT_EQ(UtcTime::parse("2026-11-20T10:19:30Z")->str(), "2026-11-20T10:19:30Z");
    for (const char* bad :
         {"", "2026-02-30T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20 10:19:30Z", "2026-11-20T10:19:30+00:00", "9"})
        EXPECT_TRUE(UtcTime::parse(bad).error().is(faults::bad_time)) << bad;
}

TEST(Json, RefusesWhatTwoReadersCouldReadDifferently) {
    const auto parse = [](std::string_view text) { return json::parse(view_of(text), 1000); };
    EXPECT_TRUE(parse(R"({"a":{"b":1},"b":[1,2,{"a":1}]})"));
    for (const char* bad :
         {R"({"a":1,"a":2})", R"({"x":{"a":1,"\u0061":2}})", "{} {}", "{", "{'a':1}", "{\"a\":\"\xff\"}", "[1,]"})
        EXPECT_TRUE(parse(bad).error().is(faults::bad_json)) << bad;
    EXPECT_FALSE(parse(std::string(33, '[') + std::string(33, ']')));
    EXPECT_FALSE(json::parse(view_of("[1,2,3]"), 5));
}

TEST(Json, RefusesANumberThatNoDoubleHoldsAndKeepsTheOthers) {
    const auto parse = [](std::string_view text) { return json::parse(view_of(text), 1000); };
    for (const char* bad : {"1e400", "-1e400", "[1,{\"a\":9e999}]"})
        EXPECT_TRUE(parse(bad).error().is(faults::bad_json)) << bad;
    EXPECT_EQ(parse("0e999")->as_double(), 0.0);
    EXPECT_EQ(parse("123456789.123456789")->as_double(), 123456789.123456789);
}

TEST(Json, CanonicalFormSortsAndEscapesOnlyQuoteAndBackslash) {
    const auto value = json::parse(view_of(R"({"b":1,"a":["x\n\"\\",true,null,-5],"B":{}})"), 1000);
    EXPECT_EQ(json::canonical(*value), "{\"B\":{},\"a\":[\"x\n\\\"\\\\\",true,null,-5],\"b\":1}");
    EXPECT_TRUE(json::canonical(json::Value(1.5)).error().is(faults::wrong_type));
}

TEST(Json, ReadersNameTheMemberThatIsWrong) {
    const auto value =
        json::parse(view_of(R"({"n":-1,"s":"VIN01","t":"2026-11-20T10:19:30Z","o":{},"l":[],"b":true})"), 1000);
    const json::Object& from = value->as_object();
    EXPECT_TRUE(json::number(from, "n", 10).error().is(faults::wrong_type));
    EXPECT_TRUE(json::string(from, "absent").error().is(faults::missing_member));
    EXPECT_NE(json::string(from, "absent").error().detail().find("absent"), std::string_view::npos);
    EXPECT_EQ(json::id<Vin>(from, "s")->view(), "VIN01");
    EXPECT_TRUE(json::time(from, "t"));
    EXPECT_TRUE(json::object(from, "o") && json::array(from, "l") && json::boolean(from, "b"));
}

}  // namespace
}  // namespace pitstop
