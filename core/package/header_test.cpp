#include "core/package/header.h"
#include "core/package/crc32.h"
#include "core/package/faults.h"
#include "core/package/writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace pitstop::package {
namespace {

Header example() {
    return {.target = *EcuId::parse("ECU_011"),
            .payload_size_bytes = 16,
            .uncompressed_size_bytes = 16,
            .version = {2, 2, 0, 100},
            .created_s = 1795169970,
            .release_counter = 7,
            .crc32 = 0,
            .sequence_number = 3};
}

// The hex dump in docs/formats/package.md: lines of an offset and sixteen bytes.
Bytes golden_record() {
    std::ifstream page("docs/formats/package.md");
    std::string line;
    while (std::getline(page, line) && line != "```hexdump") {}
    Bytes bytes;
    while (std::getline(page, line) && line != "```") {
        std::istringstream words(line);
        std::string word;
        words >> word;
        while (words >> word) bytes.push_back(static_cast<std::uint8_t>(std::stoi(word, nullptr, 16)));
    }
    return bytes;
}

template <class Change>
Result<Header> decode_changed(Change change) {
    HeaderBytes bytes = *encode(example());
    change(bytes);
    return decode(bytes);
}

TEST(Header, RefusesFewerThan64Bytes) {
    const HeaderBytes bytes = *encode(example());
    EXPECT_TRUE(decode(View(bytes).first(63)).error().is(faults::truncated));
    EXPECT_TRUE(decode({}).error().is(faults::truncated));
}

TEST(Header, RefusesEveryFieldThatCannotBe) {
    const auto refused_as = [](const Fault& fault, std::size_t at, std::uint8_t value) {
        const auto header = decode_changed([&](HeaderBytes& bytes) { bytes[at] = value; });
        EXPECT_FALSE(header) << "offset " << at;
        if (header) return;
        EXPECT_TRUE(header.error().is(fault)) << "offset " << at << ": " << header.error().str();
    };
    for (std::size_t at = 0; at < 4; ++at) refused_as(faults::not_a_record, at, 0);
    refused_as(faults::unknown_address, 4, 0x0A);
    refused_as(faults::unknown_address, 4, 0x00);
    refused_as(faults::unknown_address, 5, 0x01);  // 0x0111: ECU_111
    refused_as(faults::unknown_address, 5, 0x0E);
    refused_as(faults::unknown_software_type, 6, 0);
    refused_as(faults::unknown_software_type, 6, 5);
    refused_as(faults::unknown_compression, 7, 3);
    refused_as(faults::impossible_size, 8, 17);
    refused_as(faults::impossible_size, 12, 17);
    for (std::size_t at = 32; at < 44; ++at) refused_as(faults::reserved_not_zero, at, 1);
    refused_as(faults::unknown_address, 44, 0x0B);
    refused_as(faults::too_many_hops, 46, hop_count_max + 1);
    refused_as(faults::unknown_encoding, 52, 2);
    refused_as(faults::unknown_sealing, 53, 2);
    for (std::size_t at = 54; at < 64; ++at) refused_as(faults::reserved_not_zero, at, 1);
}

TEST(Header, RefusesADeltaThatIsCompressedAgain) {
    Header header = example();
    header.form = {Compression::zstd, Encoding::delta};
    EXPECT_TRUE(encode(header).error().is(faults::unknown_compression));
}

TEST(Header, RefusesAnEmptyPayload) {
    Header header = example();
    header.payload_size_bytes = 0;
    EXPECT_TRUE(encode(header).error().is(faults::impossible_size));
    header = example();
    header.form.compression = Compression::zstd;
    header.uncompressed_size_bytes = 0;
    EXPECT_TRUE(encode(header).error().is(faults::impossible_size));
}

TEST(Header, RefusesToWriteWhatDoesNotFit) {
    Header header = example();
    header.version.build = 256;
    EXPECT_TRUE(encode(header).error().is(faults::version_too_large));
    header = example();
    header.software_type = static_cast<SoftwareType>(9);
    EXPECT_TRUE(encode(header).error().is(faults::unknown_software_type));

    const Bytes image{1, 2, 3};
    RecordDescription what{.target = *EcuId::parse("ECU_011"), .version = {1, 0, 0, 0}};
    what.created = {std::int64_t{std::numeric_limits<std::uint32_t>::max()} + 1};
    EXPECT_TRUE(header_for(what, image).error().is(faults::time_out_of_range));
    what.created = {-1};
    EXPECT_TRUE(header_for(what, image).error().is(faults::time_out_of_range));
}

TEST(Header, ComesBackAsItWasInEveryField) {
    for (const std::uint16_t source : {oem_address, gateway_address, std::uint16_t{0x0091}}) {
        Header header = example();
        header.software_type = SoftwareType::calibration;
        header.form.encoding = Encoding::delta;
        header.form.sealing = Sealing::hpke;
        header.payload_size_bytes = 0xFEDCBA98;
        header.uncompressed_size_bytes = 0x12345678;
        header.created_s = 0xFFFFFFFF;
        header.release_counter = 0xFFFFFFFE;
        header.crc32 = 0x89ABCDEF;
        header.source_address = source;
        header.hop_count = 8;
        header.sequence_number = 99;
        EXPECT_EQ(decode(*encode(header)), header);
    }
}

TEST(Header, IsTheOneInTheFormatsPage) {
    const Bytes golden = golden_record();
    ASSERT_EQ(golden.size(), header_size_bytes + 16);
    const View payload = View(golden).subspan(header_size_bytes);
    const auto header = header_for({.target = *EcuId::parse("ECU_011"),
                                    .version = *Version::parse("2.2.0.100"),
                                    .release_counter = 7,
                                    .created = *UtcTime::parse("2026-11-20T10:19:30Z"),
                                    .sequence_number = 3},
                                   payload);
    ASSERT_TRUE(header);
    EXPECT_EQ(to_hex(*header), to_hex(View(golden).first(header_size_bytes)));
    const auto read = decode(golden);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->version.str(), "2.2.0.100");
    EXPECT_EQ(read->crc32, crc32(payload));
}

TEST(Crc32, IsTheIeeeOne) {
    EXPECT_EQ(crc32(view_of("123456789")), 0xCBF43926U);
    EXPECT_EQ(crc32({}), 0U);
}

TEST(Crc32, DoesNotDependOnHowTheBytesAreCut) {
    Bytes bytes(1000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 131 + 7);
    for (std::size_t step = 1; step < 40; ++step) {
        Crc32 sum;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            sum.update(View(bytes).subspan(at, std::min(step, bytes.size() - at)));
        EXPECT_EQ(sum.value(), crc32(bytes)) << step;
    }
}

}  // namespace
}  // namespace pitstop::package
