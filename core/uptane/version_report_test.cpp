#include "core/uptane/version_report.h"

#include "core/uptane/faults.h"
#include "core/uptane/manifest.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

VersionReport sample() {
    VersionReport report{
        .vin = *Vin::parse("VIN00001"), .ecu = *EcuId::parse("ECU_011"), .hardware = *HardwareId::parse("BRK-2")};
    report.counter = 7;
    report.time = *UtcTime::parse("2026-11-20T12:00:00Z");
    report.nonce = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
    report.installed = {{1, 10, 0}, 5, 4096, {}};
    report.installed.sha256.fill(0xab);
    report.previous_attack = AttackCode("uptane.rolled-back");
    report.attacks = 2;
    return report;
}

std::string written(const VersionReport& report) {
    Bytes room(version_report_bytes_max);
    const auto text = write_version_report(report, room);
    EXPECT_TRUE(text) << text.error().str();
    return text ? std::string(*text) : "";
}

json::Object object_of(std::string_view text) { return json::parse(view_of(text), 1 << 20)->as_object(); }

TEST(VersionReport, IsWrittenAsThisTextAndNoOther) {
    EXPECT_EQ(
        written(sample()),
        R"({"_type":"ecu-version-report","attacks":2,"counter":7,"ecu_id":"ECU_011","hardware_id":"BRK-2",)"
        R"("installed":{"length":4096,"release_counter":5,"sha256":")" +
            to_hex(sample().installed.sha256) +
            R"(","version":"1.10.0"},"nonce":"000102030405060708090a0b0c0d0e0f","previous_attack":"uptane.rolled-back",)"
            R"("spec_version":"1.0.31","time":"2026-11-20T12:00:00Z","vin":"VIN00001"})");
}

TEST(VersionReport, TextIsItsOwnCanonicalJsonAndReadsBack) {
    for (const UtcTime time : {UtcTime{0}, UtcTime{951782400}, UtcTime{253402300799}}) {  // 29 February 2000; year 9999
        VersionReport report = sample();
        report.time = time;
        report.installed.version = {1, 2, 3, 100};
        const std::string text = written(report);
        EXPECT_EQ(*json::canonical(object_of(text)), text);
        const auto read = read_version_report(object_of(text));
        ASSERT_TRUE(read) << read.error().str();
        EXPECT_EQ(*read, report);
    }
}

TEST(VersionReport, OfTheLongestValuesFitsTheRoomThatIsAskedFor) {
    VersionReport report{.vin = *Vin::parse("WPTSTP00000000001"),
                         .ecu = *EcuId::parse("ECU_100"),
                         .hardware = *HardwareId::parse(std::string(64, 'h'))};
    report.counter = counter_max;
    report.installed = {{65535, 65535, 65535, 65535}, UINT32_MAX, counter_max, {}};
    report.previous_attack = AttackCode(std::string(64, 'a'));
    report.attacks = UINT32_MAX;
    EXPECT_LE(written(report).size(), 640U);
    const Bytes large(4627);  // ML-DSA-87
    const Bytes small(72);    // ECDSA
    const std::vector<ReportSignature> signatures{{{}, small}, {{}, large}};
    Bytes room(packed_report_bytes_max);
    const auto packed = pack_report(written(report), signatures, room);
    ASSERT_TRUE(packed) << packed.error().str();
    EXPECT_TRUE(open_signed(unpack_report(*packed)->as_object(), report_type, 2));
}

TEST(VersionReport, IsNotWrittenIntoTooSmallRoom) {
    for (const std::size_t size : {0U, 1U, 100U, 300U}) {
        Bytes room(size);
        EXPECT_TRUE(write_version_report(sample(), room).error().is(faults::report_too_long)) << size;
        EXPECT_TRUE(pack_report(std::string(500, ' '), {}, room).error().is(faults::report_too_long)) << size;
    }
}

TEST(VersionReport, IsNotWrittenWithValuesThatCouldNotBeReadBack) {
    Bytes room(version_report_bytes_max);
    const auto refuses = [&](auto change) {
        VersionReport report = sample();
        change(report);
        return write_version_report(report, room).error().is(faults::bad_member);
    };
    EXPECT_TRUE(refuses([](VersionReport& report) { report.counter = counter_max + 1; }));
    EXPECT_TRUE(refuses([](VersionReport& report) { report.installed.length_bytes = counter_max + 1; }));
    EXPECT_TRUE(refuses([](VersionReport& report) { report.time = {-1}; }));
    EXPECT_TRUE(refuses([](VersionReport& report) { report.time = {253402300800}; }));
    EXPECT_TRUE(refuses([](VersionReport& report) { report.previous_attack = AttackCode("no \"code\""); }));
}

TEST(VersionReport, IsPackedAsThePageSays) {
    const Bytes first{0xAA, 0xBB}, second{0xCC};
    const std::vector<ReportSignature> signatures{{{1}, first}, {{2}, second}};
    Bytes room(100);
    const auto packed = pack_report("{}", signatures, room);
    const std::string zeros(62, '0');
    EXPECT_EQ(to_hex(*packed), "00027b7d01" + zeros + "0002aabb02" + zeros + "0001cc");
    EXPECT_EQ(json::canonical(*unpack_report(*packed)), R"({"signatures":[{"keyid":"01)" + zeros +
                                                            R"(","sig":"aabb"},{"keyid":"02)" + zeros +
                                                            R"(","sig":"cc"}],"signed":{}})");
    for (std::size_t size = 0; size < packed->size(); ++size) {
        const bool ends_with_a_signature = size == 4 || size == 40;
        EXPECT_EQ(unpack_report(packed->first(size)).has_value(), ends_with_a_signature) << size;
    }
    Bytes five = *from_hex("00027b7d");
    for (int i = 0; i < 5; ++i) five.insert(five.end(), 34, 0);
    EXPECT_FALSE(unpack_report(five)) << "more signatures than anybody needs";
}

// Found by fuzzing: it could be read, and not be written again.
TEST(VersionReport, IsRefusedWithATimeThatNobodyWrites) {
    json::Object object = object_of(written(sample()));
    object["time"] = "1969-12-31T23:59:59Z";
    EXPECT_TRUE(read_version_report(object).error().is(faults::bad_member));
}

TEST(VersionReport, IsRefusedWithMembersThatContradictTheFormat) {
    const auto refused = [](std::string_view member, const auto& value) {
        json::Object body = object_of(written(sample()));
        body[member] = value;
        return !read_version_report(body);
    };
    EXPECT_TRUE(refused("counter", 1.5));
    EXPECT_TRUE(refused("counter", counter_max + 1));
    EXPECT_TRUE(refused("nonce", "00"));
    EXPECT_TRUE(refused("nonce", std::string(32, 'g')));
    EXPECT_TRUE(refused("previous_attack", "<script>"));
    EXPECT_TRUE(refused("previous_attack", std::string(65, 'a')));
    EXPECT_TRUE(refused("vin", "../VIN"));
    EXPECT_TRUE(refused("ecu_id", "ECU_101"));
    EXPECT_TRUE(refused("attacks", std::uint64_t{1} << 32));
    EXPECT_TRUE(refused("time", "yesterday"));
    EXPECT_TRUE(refused("installed", nullptr));
}

}  // namespace
}  // namespace pitstop::uptane
