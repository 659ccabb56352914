#include "core/package/full_package.h"
#include "core/base/faults.h"
#include "core/package/faults.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace pitstop::package {
namespace {

struct Memory final : Output {
    Bytes bytes;
    Result<void> write(View piece) override {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
};

struct Counter final : RecordSink {
    std::size_t ended = 0;
    Result<void> on_header(const Header&) override { return {}; }
    Result<void> on_payload(View) override { return {}; }
    Result<void> on_end() override {
        ++ended;
        return {};
    }
};

PackagedImage image_for(std::uint32_t ecu, std::size_t size, std::string_view version = "1.1.0") {
    const EcuId id = *EcuId::from_number(ecu);
    const HardwareId hardware = *HardwareId::parse("BRK-2");
    const Version parsed = *Version::parse(version);
    return {.ecu = id,
            .hardware = hardware,
            .version = parsed,
            .release_counter = 4,
            .target = *target_name(hardware, id, parsed),
            .image = *image::read("app.bin", Bytes(size, static_cast<std::uint8_t>(0x80 + ecu)))};
}

const CampaignId campaign = *CampaignId::parse("OTA-1");
const UtcTime created = *UtcTime::parse("2026-11-20T10:19:30Z");

struct Built {
    Bytes bytes;
    CampaignMetadata metadata;
};

Built build() {
    Memory memory;
    const std::vector<PackagedImage> images{image_for(12, 5000), image_for(11, 300)};
    CampaignMetadata metadata = *write_full_package(campaign, created, images, memory);
    return {std::move(memory.bytes), std::move(metadata)};
}

Result<void> check(const CampaignMetadata& metadata, View bytes, std::size_t* ended = nullptr) {
    Counter counter;
    FullPackageCheck package(metadata, counter);
    const auto pushed = package.push(bytes);
    if (ended) *ended = counter.ended;
    ENSURE(pushed);
    return package.finish();
}

struct Keys {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ecdsa_p256)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_65)};
    std::vector<crypto::Signer*> both{&classical, &post_quantum};
    std::vector<crypto::PublicKey> trusted{classical.public_key(), post_quantum.public_key()};
};

Keys& keys() {
    static Keys made;
    return made;
}

json::Object signed_document() {
    const std::string text = *sign(build().metadata, keys().both);
    return json::parse(view_of(text), metadata_size_bytes_max)->as_object();
}

Result<CampaignMetadata> read_back(const json::Object& document) {
    const std::string text = boost::json::serialize(document);
    return from_signed_json(view_of(text), keys().trusted);
}

TEST(FullPackage, RefusesNoImagesTooManyAndTwoForOneEcu) {
    Memory memory;
    EXPECT_TRUE(write_full_package(campaign, created, {}, memory).error().is(faults::no_records));
    const std::vector<PackagedImage> twice{image_for(11, 10), image_for(11, 20)};
    EXPECT_TRUE(write_full_package(campaign, created, twice, memory).error().is(faults::duplicate_ecu));
    std::vector<PackagedImage> many;
    for (std::uint32_t ecu = 1; ecu <= 100; ++ecu) many.push_back(image_for(ecu, 10));
    many.push_back(image_for(1, 10));
    many.back().ecu = Addressee::gateway();
    EXPECT_TRUE(write_full_package(campaign, created, many, memory));
    many.push_back(many.back());
    EXPECT_TRUE(write_full_package(campaign, created, many, memory).error().is(faults::too_many_records));
}

TEST(FullPackage, RefusesAVersionThatDoesNotFitTheHeader) {
    Memory memory;
    const std::vector<PackagedImage> images{image_for(11, 10, "1.300.0")};
    EXPECT_TRUE(write_full_package(campaign, created, images, memory).error().is(faults::version_too_large));
}

TEST(FullPackageCheck, RefusesAnyFlippedBit) {
    const Built built = build();
    for (std::size_t at = 0; at < built.bytes.size(); at += at < 70 ? 1 : 97) {
        Bytes flipped = built.bytes;
        flipped[at] ^= 1;
        EXPECT_FALSE(check(built.metadata, flipped)) << at;
    }
}

TEST(FullPackageCheck, RefusesAnotherPackageEvenWhenItIsSound) {
    const Built built = build();
    const auto changed = [&](auto change) {
        CampaignMetadata metadata = built.metadata;
        change(metadata);
        const auto checked = check(metadata, built.bytes);
        return !checked && checked.error().is(faults::differs_from_metadata);
    };
    EXPECT_TRUE(changed([](auto& m) { m.records[0].ecu = *EcuId::parse("ECU_013"); }));
    EXPECT_TRUE(changed([](auto& m) { m.records[1].version.patch = 9; }));
    EXPECT_TRUE(changed([](auto& m) { m.records[1].release_counter = 5; }));
    EXPECT_TRUE(changed([](auto& m) { m.records[1].stored_size_bytes += 1; }));
    EXPECT_TRUE(changed([](auto& m) { m.records[1].image_size_bytes += 1; }));
    EXPECT_TRUE(changed([](auto& m) { m.records[1].payload_sha256[0] ^= 1; }));
    EXPECT_TRUE(changed([](auto& m) { m.package_sha256[31] ^= 1; }));
}

TEST(FullPackageCheck, ReportsNoEndOfAnImageWhoseDigestIsWrong) {
    Built built = build();
    built.metadata.records[0].payload_sha256[0] ^= 1;
    std::size_t ended = 9;
    EXPECT_FALSE(check(built.metadata, built.bytes, &ended));
    EXPECT_EQ(ended, 0U);
}

TEST(FullPackageCheck, RefusesAPackageThatEndsAfterARecordOrGoesOn) {
    const Built built = build();
    const auto first = static_cast<std::size_t>(built.metadata.records[0].stored_size_bytes);
    EXPECT_TRUE(check(built.metadata, View(built.bytes).first(first)).error().is(faults::truncated));
    Bytes longer = built.bytes;
    longer.push_back(0);
    EXPECT_TRUE(check(built.metadata, longer).error().is(faults::too_many_records));
}

TEST(FullPackageCheck, RefusesANumberThatIsNotTheRecordsPlace) {
    Built built = build();
    for (const std::size_t at : {std::size_t{48}, 5064 + std::size_t{48}}) built.bytes[at] += 5;  // they still rise
    built.metadata.package_sha256 = crypto::sha256(built.bytes);
    EXPECT_TRUE(check(built.metadata, built.bytes).error().is(faults::wrong_order));
}

TEST(FullPackage, IsDescribedByItsMetadata) {
    const Built built = build();
    std::size_t ended = 0;
    EXPECT_TRUE(check(built.metadata, built.bytes, &ended));
    EXPECT_EQ(ended, 2U);
    EXPECT_EQ(built.metadata.package_size_bytes, built.bytes.size());
    EXPECT_EQ(built.metadata.package_sha256, crypto::sha256(built.bytes));
    EXPECT_EQ(built.metadata.records[1].offset_bytes, 5064U);
    EXPECT_EQ(built.metadata.records[1].target.view(), "BRK-2/ECU_011-1.1.0.img");
}

TEST(CampaignMetadata, RefusesSignaturesOfOneFamilyOnly) {
    for (const std::size_t dropped : {0, 1}) {
        json::Object document = signed_document();
        auto& signatures = document["signatures"].as_array();
        signatures.erase(signatures.begin() + static_cast<std::ptrdiff_t>(dropped));
        EXPECT_TRUE(read_back(document).error().is(faults::not_signed_by_both));
    }
    std::vector<crypto::Signer*> one{&keys().classical};
    EXPECT_TRUE(sign(build().metadata, one).error().is(faults::wrong_signers));
    std::vector<crypto::Signer*> twice{&keys().classical, &keys().classical};
    EXPECT_TRUE(sign(build().metadata, twice).error().is(faults::wrong_signers));
}

TEST(CampaignMetadata, RefusesSignaturesByUnknownKeys) {
    Keys stranger;
    const std::string text = *sign(build().metadata, stranger.both);
    EXPECT_TRUE(from_signed_json(view_of(text), keys().trusted).error().is(faults::not_signed_by_both));
}

TEST(CampaignMetadata, RefusesAChangeUnderTheSignatures) {
    json::Object document = signed_document();
    document["created"] = "2026-11-20T10:19:31Z";
    EXPECT_TRUE(read_back(document).error().is(faults::not_signed_by_both));
}

TEST(CampaignMetadata, RefusesContradictions) {
    const auto refused = [](const Fault& fault, auto change) {
        json::Object document = signed_document();
        change(document);
        const auto read = read_back(document);
        EXPECT_FALSE(read);
        if (read) return;
        EXPECT_TRUE(read.error().is(fault)) << read.error().str();
    };
    const auto record = [](json::Object& document, std::size_t i) -> json::Object& {
        return document["records"].as_array()[i].as_object();
    };
    refused(faults::bad_metadata, [](json::Object& d) { d["extra"] = 1; });
    refused(faults::bad_metadata, [](json::Object& d) { d["type"] = "other"; });
    refused(faults::bad_metadata, [](json::Object& d) { d["format"] = 1; });
    refused(faults::bad_metadata, [&](json::Object& d) { record(d, 0)["extra"] = 1; });
    refused(pitstop::faults::bad_ecu_id, [&](json::Object& d) { record(d, 0)["conflicts"] = json::Array{"brakes"}; });
    refused(faults::bad_metadata, [&](json::Object& d) { record(d, 0)["offset"] = 1; });
    refused(faults::bad_metadata, [&](json::Object& d) { record(d, 1)["offset"] = 0; });
    refused(faults::bad_metadata, [&](json::Object& d) { record(d, 1)["stored_size"] = 64; });
    refused(faults::bad_metadata, [&](json::Object& d) { record(d, 1)["stored_size"] = 365; });
    refused(faults::bad_metadata, [&](json::Object& d) { record(d, 1)["payload_size"] = 0; });
    refused(faults::bad_metadata, [](json::Object& d) {
        const json::Value one = d["signatures"].as_array()[0];
        d["signatures"].as_array().resize(9, one);
    });
    refused(faults::duplicate_ecu, [&](json::Object& d) { record(d, 1)["ecu_id"] = "ECU_012"; });
    refused(faults::no_records, [](json::Object& d) { d["records"].as_array().clear(); });
    refused(faults::too_many_records, [&](json::Object& d) { d["records"].as_array().resize(102); });
    refused(pitstop::faults::missing_member, [&](json::Object& d) { record(d, 1).erase("sha256"); });
    refused(pitstop::faults::wrong_type,
            [&](json::Object& d) { record(d, 1)["release_counter"] = std::int64_t{1} << 32; });
    refused(pitstop::faults::bad_name, [&](json::Object& d) { record(d, 1)["target_name"] = "../x"; });
}

TEST(CampaignMetadata, HasOneSpelling) {
    const auto refused = [](auto change) {
        json::Object document = signed_document();
        change(document, document["records"].as_array()[1].as_object());
        const auto read = read_back(document);
        return !read && read.error().is(faults::bad_metadata);
    };
    EXPECT_FALSE(refused([](auto&, auto&) {}) || !read_back(signed_document()));
    for (const char* name : {"sha256", "sha512", "payload_sha256"})
        EXPECT_TRUE(refused([&](auto&, auto& record) {
            std::string text(record[name].as_string());
            for (char& c : text)
                if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
            record[name] = text;
        })) << name;
    EXPECT_TRUE(refused([](auto&, auto& record) { record["dependencies"] = json::Array{}; }));
    EXPECT_TRUE(refused([](auto&, auto& record) { record["conflicts"] = json::Array{"ECU_012>=0.0.0"}; }));
    EXPECT_TRUE(refused([](auto&, auto& record) { record["version"] = "1.1.0.0"; }));
    EXPECT_TRUE(refused([](auto& document, auto&) { document["papers"] = json::Array{}; }));
}

TEST(CampaignMetadata, ComesBackAsItWas) {
    CampaignMetadata metadata = build().metadata;
    EXPECT_EQ(read_back(signed_document()), metadata);
    metadata.records[0].constraints = {*version_ranges_from("ECU_011>=1.1.0<2.0.0"), *version_ranges_from("ECU_013")};
    const std::string unsigned_text = boost::json::serialize(to_json(metadata));
    EXPECT_EQ(from_json(view_of(unsigned_text)), metadata);
}

}  // namespace
}  // namespace pitstop::package
