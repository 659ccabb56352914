#include "core/package/packing.h"
#include "core/package/faults.h"
#include "core/package/full_package.h"
#include "core/package/images_check.h"
#include "core/package/packed_image_test.h"
#include "core/seal/faults.h"

#include <gtest/gtest.h>

namespace pitstop::package {
namespace {

const Openings everything = *Openings::parse("gzip zstd hpke window=65536");
const CampaignId campaign = *CampaignId::parse("OTA-1");
const EcuId brake = *EcuId::parse("ECU_011");

// Nothing of it can be compressed.
Bytes noise(std::size_t size_bytes) {
    Bytes bytes(size_bytes);
    std::uint64_t state = 7;
    for (std::uint8_t& byte : bytes) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<std::uint8_t>(state >> 56);
    }
    return bytes;
}

struct Memory final : Output {
    Bytes bytes;
    Result<void> write(View piece) override {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
};

struct Images final : ImageReceiver {
    std::vector<Bytes> images;
    std::vector<Opened> opened;
    std::size_t ended = 0;
    Result<void> on_image(const RecordEntry&, Opened how) override {
        images.emplace_back();
        opened.push_back(how);
        return {};
    }
    Result<void> on_image_bytes(View piece) override {
        images.back().insert(images.back().end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> on_image_end() override {
        ++ended;
        return {};
    }
};

PackagedImage packaged(EcuId ecu, const Bytes& image, Packed packed) {
    return {.ecu = ecu,
            .hardware = *HardwareId::parse("HW"),
            .version = {1, 0, 0},
            .target = *TargetName::parse("HW/image"),
            .image = *image::read("app.bin", image),
            .form = packed.form,
            .payload = std::move(packed.payload)};
}

Result<void> check(const CampaignMetadata& metadata, View bytes, Images& images) {
    ImagesCheck opened(metadata, &images);
    FullPackageCheck package(metadata, opened);
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 1000)))
        ENSURE(package.push(bytes.first(std::min<std::size_t>(bytes.size(), 1000))));
    return package.finish();
}

TEST(Packing, LeavesAnImagePlainThatWouldHardlyShrinkOrThatNobodyAskedToCompress) {
    EXPECT_TRUE(pack(noise(20'000), {everything, Compressing::on})->form.is_plain());
    EXPECT_TRUE(pack(test::image_of(20'000, 1), {everything, Compressing::off})->form.is_plain());
    EXPECT_TRUE(pack(test::image_of(20'000, 1), {Openings{}, Compressing::on})->form.is_plain());
    // 3 % of zeros save more than 2 %, 1 % does not.
    Bytes nearly = noise(20'000);
    nearly.resize(20'200, 0);
    EXPECT_TRUE(pack(nearly, {everything, Compressing::on})->form.is_plain());
    nearly.resize(20'700, 0);
    EXPECT_FALSE(pack(nearly, {everything, Compressing::on})->form.is_plain());
}

TEST(Packing, TakesTheSmallestThatTheEcuOpensAndTheSameEveryTime) {
    const Bytes image = test::image_of(200'000, 1);
    const auto sizes = [&](std::string_view openings) {
        return pack(image, {*Openings::parse(openings), Compressing::on});
    };
    const auto gzip = sizes("gzip"), zstd = sizes("zstd window=65536"), best = sizes("gzip zstd window=65536");
    EXPECT_EQ(gzip->form.compression, Compression::gzip);
    EXPECT_EQ(zstd->form.compression, Compression::zstd);
    EXPECT_EQ(best->payload.size(), std::min(gzip->payload.size(), zstd->payload.size()));
    EXPECT_EQ(sizes("gzip zstd window=65536")->payload, best->payload);
}

TEST(Packing, SealsForNobodyIsRefused) {
    const Bytes image = noise(100);
    EXPECT_TRUE(seal_packed({}, image, {campaign, brake}, {}).error().is(seal::faults::no_recipients));
}

TEST(ImagesCheck, RefusesAnImageThatComesOutOtherThanTheMetadataSays) {
    const Bytes image = test::image_of(50'000, 1);
    Memory memory;
    const std::vector<PackagedImage> images{packaged(brake, image, *pack(image, {everything, Compressing::on}))};
    const CampaignMetadata metadata = *write_full_package(campaign, {1'790'000'000}, images, memory);
    ASSERT_FALSE(metadata.records[0].form.is_plain());
    for (const auto spoil :
         {+[](RecordEntry& record) { record.sha256[3] ^= 1; }, +[](RecordEntry& record) { record.sha512[60] ^= 1; }}) {
        CampaignMetadata changed = metadata;
        spoil(changed.records[0]);
        Images seen;
        EXPECT_TRUE(check(changed, memory.bytes, seen).error().is(faults::differs_from_metadata));
        EXPECT_EQ(seen.ended, 0U);
    }
}

TEST(ImagesCheck, RefusesAPayloadThatOpensToMoreThanItsRecordSays) {
    const Bytes image = test::image_of(50'000, 1), shorter(image.begin(), image.begin() + 49'999);
    Memory memory;
    const std::vector<PackagedImage> images{packaged(brake, shorter, *pack(image, {everything, Compressing::on}))};
    const CampaignMetadata metadata = *write_full_package(campaign, {1'790'000'000}, images, memory);
    Images seen;
    const auto checked = check(metadata, memory.bytes, seen);
    ASSERT_FALSE(checked);
    EXPECT_EQ(seen.ended, 0U);
    EXPECT_LE(seen.images[0].size(), shorter.size());
}

TEST(ImagesCheck, RefusesAPayloadThatIsNotWhatItsFormSays) {
    const Bytes image = test::image_of(5'000, 1), garbage = noise(16), longer = noise(4'000);
    const auto key = *crypto::xwing::PrivateKey::generate();
    const EcuId radio = *EcuId::parse("ECU_012");
    const CampaignId other = *CampaignId::parse("OTA-2");
    const auto sealed_for = [&](const CampaignId& order, EcuId ecu, const Bytes& inside) {
        return seal_packed({}, inside, {order, ecu}, std::vector{seal::Recipient{ecu, key.public_key()}})->payload;
    };
    Bytes nobody = sealed_for(campaign, brake, image);
    nobody[7] = 0;
    nobody.erase(nobody.begin() + 8, nobody.begin() + 8 + seal::envelope_size_bytes);
    Bytes cut = sealed_for(campaign, brake, image);
    cut.resize(cut.size() - 1);
    const Bytes old = test::image_of(4'900, 1);
    const Bytes delta = *delta::make(old, image);
    Bytes cut_delta = delta;
    cut_delta.resize(delta.size() - 1);
    const auto judged = [&](std::string_view form, const Bytes& payload) {
        Memory memory;
        const std::vector<PackagedImage> images{packaged(brake, image, {*Form::parse(form), payload})};
        const CampaignMetadata metadata = *write_full_package(campaign, {1'790'000'000}, images, memory);
        Images seen;
        return check(metadata, memory.bytes, seen);
    };
    for (const Bytes& payload : {garbage, longer, delta, nobody, cut, sealed_for(other, brake, image),
                                 sealed_for(campaign, radio, image), sealed_for(campaign, brake, old)})
        EXPECT_FALSE(judged("plain+hpke", payload)) << payload.size();
    for (const Bytes& payload :
         {garbage, longer, cut_delta, *delta::make(image, old), Bytes(delta.begin(), delta.begin() + 60)})
        EXPECT_FALSE(judged("delta", payload)) << payload.size();
    EXPECT_TRUE(judged("plain+hpke", sealed_for(campaign, brake, image)));
    EXPECT_TRUE(judged("delta", delta));
    EXPECT_TRUE(judged("delta+hpke", sealed_for(campaign, brake, delta)));
}

TEST(ImagesCheck, GivesBackEveryImageAndWhatIsSealedAsItIs) {
    const Bytes one = test::image_of(50'000, 1), two = noise(3'000), three = test::image_of(9'000, 3);
    const auto key = *crypto::xwing::PrivateKey::generate();
    const EcuId radio = *EcuId::parse("ECU_012"), door = *EcuId::parse("ECU_013");
    const std::vector recipients{seal::Recipient{door, key.public_key()}};
    const Packed sealed =
        *seal_packed(*pack(three, {everything, Compressing::on}), three, {campaign, door}, recipients);
    EXPECT_EQ(sealed.form.sealing, Sealing::hpke);
    Memory memory;
    const std::vector<PackagedImage> images{packaged(brake, one, *pack(one, {everything, Compressing::on})),
                                            packaged(radio, two, {}), packaged(door, three, sealed)};
    const CampaignMetadata metadata = *write_full_package(campaign, {1'790'000'000}, images, memory);
    Images seen;
    const auto checked = check(metadata, memory.bytes, seen);
    ASSERT_TRUE(checked) << checked.error().str();
    EXPECT_EQ(seen.images, (std::vector{one, two, sealed.payload}));
    EXPECT_EQ(seen.opened, (std::vector{Opened::yes, Opened::yes, Opened::as_it_is}));
    EXPECT_EQ(seen.ended, 3U);

    // And the ECU that it was sealed for opens it.
    seal::XWingKeyOpener mine(key);
    seal::OpenSslChunkCipher chunks;
    crypto::Sha256 hasher;
    Bytes workspace(workspace_bytes(sealed.form, everything.window_bytes));
    Collected opened;
    const OpenerPorts ports{.hasher = hasher,
                            .key = &mine,
                            .chunks = &chunks,
                            .expected = {door.address(), door.address(), campaign.view()}};
    Opener opener(sealed.form, ports, workspace, {three.size(), everything.window_bytes}, opened);
    ASSERT_TRUE(opener.push(sealed.payload));
    ASSERT_TRUE(opener.finish());
    EXPECT_EQ(opened.bytes, three);
}

}  // namespace
}  // namespace pitstop::package
