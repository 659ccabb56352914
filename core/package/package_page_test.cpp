// The package of docs/formats/package.md, read from that page.
#include "core/package/full_package.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace pitstop::package {
namespace {

struct Memory final : Output {
    Bytes bytes;
    Result<void> write(View piece) override {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
};

// The lines of the block that begins with ``` and this word.
std::vector<std::string> block(const std::string& word) {
    std::ifstream page("docs/formats/package.md");
    std::string line;
    while (std::getline(page, line) && line != "```" + word) {}
    std::vector<std::string> lines;
    while (std::getline(page, line) && line != "```") lines.push_back(line);
    EXPECT_FALSE(lines.empty()) << word;
    return lines;
}

// Lines of an offset and up to sixteen bytes.
Bytes dumped(const std::string& word) {
    Bytes bytes;
    for (const std::string& line : block(word)) {
        std::istringstream words(line);
        std::string digits;
        words >> digits;
        while (words >> digits) bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits, nullptr, 16)));
    }
    return bytes;
}

PackagedImage image_for(const Addressee& ecu, std::string_view hardware, std::string_view version,
                        std::string_view text) {
    const HardwareId id = *HardwareId::parse(hardware);
    const Version parsed = *Version::parse(version);
    return {.ecu = ecu,
            .hardware = id,
            .version = parsed,
            .release_counter = 7,
            .target = *target_name(id, ecu, parsed),
            .image = *image::read("image.bin", Bytes(text.begin(), text.end()))};
}

TEST(PackagePage, ShowsAWholePackageAndItsMetadata) {
    Memory memory;
    const Addressee vmg = Addressee::gateway(), brake = *EcuId::parse("ECU_011");
    const std::vector<PackagedImage> images{image_for(vmg, "VMG", "2.2.0.100", "Hello, gateway!\n"),
                                            image_for(brake, "BRK-2", "1.1.0.10", "Hello, ECU_011!\n")};
    CampaignMetadata metadata =
        *write_full_package(*CampaignId::parse("OTA-1"), *UtcTime::parse("2026-11-20T10:19:30Z"), images, memory);
    const View gateway_part = View(memory.bytes).first(80), zone_part = View(memory.bytes).subspan(80);
    metadata.parts = {{0, {vmg}, gateway_part.size(), crypto::sha256(gateway_part)},
                      {3, {brake}, zone_part.size(), crypto::sha256(zone_part)}};
    metadata.papers = {{PaperKind::release_notes, {}, "release_notes.md", 3, crypto::sha256(view_of("ok\n"))}};
    EXPECT_EQ(to_hex(memory.bytes), to_hex(dumped("package")));
    std::string text;
    for (const std::string& line : block("metadata")) text += line;
    EXPECT_EQ(*json::canonical(to_json(metadata)), text);
    EXPECT_EQ(from_json(view_of(text)), metadata);
}

}  // namespace
}  // namespace pitstop::package
