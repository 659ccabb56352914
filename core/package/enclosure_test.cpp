#include "core/package/enclosure.h"
#include "core/base/faults.h"
#include "core/package/campaign_metadata.h"
#include "core/package/faults.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace pitstop::package {
namespace {

Sha256Digest digest(std::uint8_t fill) {
    Sha256Digest made;
    made.fill(fill);
    return made;
}

RecordEntry record(const Addressee& ecu, std::uint64_t offset, std::uint32_t payload_size) {
    return {.ecu = ecu,
            .hardware = *HardwareId::parse("HW"),
            .version = {1, 0, 0},
            .form = *Form::parse("zstd+hpke"),
            .offset_bytes = offset,
            .stored_size_bytes = header_size_bytes + payload_size,
            .payload_size_bytes = payload_size,
            .payload_sha256 = digest(1),
            .image_size_bytes = 2000,
            .sha256 = digest(2),
            .target = *TargetName::parse("HW/image")};
}

CampaignMetadata example() {
    const EcuId brake = *EcuId::parse("ECU_011"), radio = *EcuId::parse("ECU_021");
    return {*CampaignId::parse("OTA-1"),
            {1'790'000'000},
            {record(brake, 0, 36), record(Addressee::gateway(), 100, 136), record(radio, 300, 236)},
            600,
            digest(3),
            {{.zone = 0, .ecus = {Addressee::gateway()}, .size_bytes = 200, .sha256 = digest(4)},
             {.zone = 2, .ecus = {brake, radio}, .size_bytes = 400, .sha256 = digest(5)}},
            {{.kind = PaperKind::release_notes, .about = {}, .file = "notes.md", .size_bytes = 5, .sha256 = digest(6)},
             {.kind = PaperKind::sbom, .about = brake, .file = "brake.json", .size_bytes = 6, .sha256 = digest(7)}}};
}

Result<CampaignMetadata> read_back(const json::Object& document) {
    const std::string text = boost::json::serialize(document);
    return from_json(view_of(text));
}

template <class Change>
Error refusal_of(Change change) {
    json::Object document = to_json(example());
    change(document);
    const auto read = read_back(document);
    EXPECT_FALSE(read);
    return read ? Error(pitstop::faults::bad_name, "nothing was refused") : read.error();
}

json::Object& part(json::Object& document, std::size_t i) { return document["parts"].as_array()[i].as_object(); }
json::Object& paper(json::Object& document, std::size_t i) { return document["papers"].as_array()[i].as_object(); }
json::Object& entry(json::Object& document, std::size_t i) { return document["records"].as_array()[i].as_object(); }

TEST(Parts, HoldEveryRecordExactlyOnceAndInOrder) {
    const auto refused = [](auto change) { return refusal_of(change).is(faults::bad_metadata); };
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["name"] = "zone0_package"; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["name"] = "zone01_package"; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["name"] = "zone101_package"; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["name"] = "../package"; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["name"] = "zone2_package"; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["name"] = "zone9_package"; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["extra"] = 1; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["size"] = 201; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["ecu_ids"] = json::Array{}; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["ecu_ids"] = json::Array{1}; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 0)["ecu_ids"] = json::Array{"ECU_012"}; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 1)["ecu_ids"] = json::Array{"ECU_021", "ECU_011"}; }));
    EXPECT_TRUE(refused([](auto& d) { part(d, 1)["ecu_ids"] = json::Array{"ECU_011", "ECU_011"}; }));
    EXPECT_TRUE(refused([](auto& d) {
        part(d, 0)["ecu_ids"] = json::Array{"ECU_011"};
        part(d, 0)["size"] = 100;
    }));
    EXPECT_TRUE(refused([](auto& d) { d["parts"].as_array().pop_back(); }));
    EXPECT_TRUE(refused([](auto& d) { d["parts"].as_array().resize(102); }));
}

TEST(Papers, AreOneFileEachAboutARecordThatIsThere) {
    const auto refused = [](auto change) { return refusal_of(change).is(faults::bad_metadata); };
    EXPECT_TRUE(refused([](auto& d) { paper(d, 0)["kind"] = "poem"; }));
    EXPECT_TRUE(refused([](auto& d) { paper(d, 0)["extra"] = 1; }));
    EXPECT_TRUE(refused([](auto& d) { paper(d, 1)["ecu_id"] = "ECU_012"; }));
    EXPECT_TRUE(refused([](auto& d) { paper(d, 1)["file"] = "notes.md"; }));
    EXPECT_TRUE(refused([](auto& d) { d["papers"].as_array().resize(papers_max + 1); }));
    for (const char* name : {"full_package.bin", "campaign_metadata.json", "vmg_package", "zone7_package"})
        EXPECT_TRUE(refused([&](auto& d) { paper(d, 0)["file"] = name; })) << name;
    EXPECT_TRUE(refusal_of([](auto& d) { paper(d, 0)["file"] = "../notes.md"; }).is(pitstop::faults::bad_name));
    EXPECT_TRUE(
        refusal_of([](auto& d) { paper(d, 0)["size"] = paper_size_bytes_max + 1; }).is(pitstop::faults::wrong_type));
}

TEST(RecordEntry, AgreesWithItself) {
    const auto refused = [](auto change) { return refusal_of(change).is(faults::bad_metadata); };
    EXPECT_TRUE(refused([](auto& d) { entry(d, 0)["stored_size"] = 101; }));
    EXPECT_TRUE(refused([](auto& d) { entry(d, 0)["image_size"] = 0; }));
    EXPECT_TRUE(refused([](auto& d) { entry(d, 0)["sha512"] = std::string(126, 'a'); }));
    EXPECT_TRUE(refused([](auto& d) { entry(d, 0)["form"] = "plain"; }));
    EXPECT_TRUE(refused([](auto& d) {
        entry(d, 0)["form"] = "plain";
        entry(d, 0)["image_size"] = 36;
    }));
    EXPECT_TRUE(refusal_of([](auto& d) { entry(d, 0)["form"] = "rar"; }).is(pitstop::faults::bad_form));
    EXPECT_TRUE(refusal_of([](auto& d) { entry(d, 0)["software_type"] = "game"; }).is(faults::unknown_software_type));
    EXPECT_TRUE(refusal_of([](auto& d) { entry(d, 0)["ecu_id"] = "VMG "; }).is(pitstop::faults::bad_ecu_id));
}

TEST(RecordEntry, AsksForNothingThatNoVehicleCanMeet) {
    const auto accepted = [](json::Array needs, json::Array refuses) {
        json::Object document = to_json(example());
        if (!needs.empty()) entry(document, 0)["dependencies"] = std::move(needs);
        if (!refuses.empty()) entry(document, 0)["conflicts"] = std::move(refuses);
        const auto read = read_back(document);
        EXPECT_TRUE(read || read.error().is(faults::bad_metadata));
        return read.has_value();
    };
    EXPECT_FALSE(accepted({}, {"ECU_011"}));
    EXPECT_FALSE(accepted({"ECU_011>=1.0.0"}, {}));
    EXPECT_FALSE(accepted({"ECU_012"}, {"ECU_012"}));
    EXPECT_FALSE(accepted({"ECU_012>=1.1.0<1.2.0"}, {"ECU_012>=1.0.0<2.0.0"}));
    EXPECT_FALSE(accepted({"ECU_012>=1.1.0"}, {"ECU_012>=1.0.0"}));
    EXPECT_FALSE(accepted({"ECU_012>=2.0.0", "ECU_012<2.0.0"}, {}));
    EXPECT_TRUE(accepted({"ECU_012>=1.1.0"}, {"ECU_012>=2.0.0"}));
    EXPECT_TRUE(accepted({"ECU_012>=1.1.0"}, {"ECU_012>=1.0.0<2.0.0"}));
    EXPECT_TRUE(accepted({"ECU_012>=1.0.0", "ECU_012<2.0.0"}, {"ECU_013"}));
}

// Everything that may stand in one file, each as long as it may be.
TEST(CampaignMetadata, IsReadableHoweverMuchAPackageHolds) {
    CampaignMetadata metadata = example();
    metadata.records.clear(), metadata.parts.clear(), metadata.papers.clear();
    const auto longest_about = [](std::uint32_t number) {
        const std::string ecu = EcuId::from_number(number)->str();
        return std::vector<VersionRange>(
            Constraints::ranges_max, *VersionRange::parse(ecu + ">=65535.65535.65535.65534<65535.65535.65535.65535"));
    };
    for (std::uint32_t i = 0; i < records_max; ++i) {
        const Addressee ecu = i == 0 ? Addressee::gateway() : Addressee(*EcuId::from_number(i));
        RecordEntry made = record(ecu, std::uint64_t{i} << 31, 0x7FFF'FFC0);  // 2 GiB each: offsets beyond 200 GiB
        made.image_size_bytes = 0xFFFF'FFFF;
        made.hardware = *HardwareId::parse(std::string(HardwareId::size_max, 'h'));
        made.target =
            *TargetName::parse(std::string(60, 't') + "/" + std::string(60, 't') + "/" + std::string(60, 't'));
        made.constraints = {longest_about(i % 100 + 1), longest_about((i + 1) % 100 + 1)};
        metadata.records.push_back(made);
        metadata.parts.push_back({.zone = i, .ecus = {ecu}, .size_bytes = made.stored_size_bytes, .sha256 = digest(4)});
    }
    metadata.package_size_bytes = std::uint64_t{records_max} << 31;
    for (std::size_t i = 0; i < papers_max; ++i)
        metadata.papers.push_back({.kind = PaperKind::sbom,
                                   .about = metadata.records[i % records_max].ecu,
                                   .file = std::string(61, 'f') + std::to_string(100 + i),
                                   .size_bytes = paper_size_bytes_max,
                                   .sha256 = digest(6)});
    json::Object document = to_json(metadata);
    json::Array signatures;
    for (std::size_t i = 0; i < metadata_signatures_max; ++i)
        signatures.push_back(json::Object{{"keyid", std::string(64, 'a')}, {"sig", std::string(9254, 'b')}});
    document["signatures"] = std::move(signatures);
    const auto read = read_back(document);
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_EQ(*read, metadata);
}

TEST(CampaignMetadata, ComesBackWithItsPartsAndPapers) {
    const CampaignMetadata metadata = example();
    EXPECT_EQ(read_back(to_json(metadata)), metadata);
    EXPECT_EQ(metadata.parts[0].name(), "vmg_package");
    EXPECT_EQ(metadata.parts[1].name(), "zone2_package");
}

TEST(Addressee, IsAnEcuOrTheGateway) {
    EXPECT_EQ(*Addressee::parse("VMG"), Addressee::gateway());
    EXPECT_EQ(*Addressee::from_address(0x0E00), Addressee::gateway());
    EXPECT_EQ(Addressee::gateway().address(), 0x0E00);
    const Addressee brake = *Addressee::parse("ECU_011");
    EXPECT_EQ(brake, *EcuId::parse("ECU_011"));
    EXPECT_EQ(*Addressee::from_address(0x0011), brake);
    EXPECT_EQ(brake.str(), "ECU_011");
    EXPECT_EQ(Addressee::gateway().str(), "VMG");
    for (const unsigned address : {0x0000U, 0x000AU, 0x0101U, 0x0E01U, 0x0E80U, 0xE400U})
        EXPECT_TRUE(Addressee::from_address(static_cast<std::uint16_t>(address)).error().is(faults::unknown_address))
            << address;
}

}  // namespace
}  // namespace pitstop::package
