#include "apps/gateway/packages.h"

#include "apps/gateway/faults.h"
#include "apps/gateway/record_check.h"
#include "apps/gateway/test_site.h"
#include "core/package/faults.h"
#include "io/files/faults.h"

namespace pitstop::gateway {
namespace {

using namespace test;

const EcuId brake = *EcuId::parse("ECU_011");

// A package of two images on a server, and a gateway that wants both.
struct PackagesTest : testing::Test {
    Site site;
    Folder folder;
    io::Loop loop;
    io::Pool pool{1};
    io::http::Client client{loop, site.client()};
    Packages packages{client, pool, folder / "packages"};
    const CampaignId campaign = *CampaignId::parse("OTA-1");
    const Bytes brake_image = flash::test::image_of(300'000, 1), radio_image = flash::test::image_of(200'000, 2);
    Bytes package;
    std::vector<update::Member> members;
    std::vector<std::uint64_t> progress;
    std::uint64_t give_up_at = UINT64_MAX;

    void SetUp() override {
        add(brake, brake_image);
        add(radio, radio_image);
        site.folder.write("packages/OTA-1/full_package.bin", package);
    }
    void add(EcuId ecu, View image) {
        const uptane::TrustedTarget target = target_of(ecu, image);
        const Bytes record = record_of(target, image, static_cast<std::uint32_t>(members.size()));
        members.push_back({.target = target, .offset_bytes = package.size(), .stored_size_bytes = record.size()});
        package.insert(package.end(), record.begin(), record.end());
    }
    Result<void> fetch() {
        progress.clear();
        return io::complete(
            loop, packages.fetch({.campaign = campaign,
                                  .package = {"/packages/OTA-1/full_package.bin", package.size(), {}},
                                  .members = members,
                                  .given_up = [this] { return !progress.empty() && progress.back() > give_up_at; },
                                  .on_stored_bytes = [this](std::uint64_t bytes) { progress.push_back(bytes); }}));
    }
    Bytes stored(EcuId ecu) const {
        const auto member = std::ranges::find(members, ecu, &update::Member::ecu);
        if (member == members.end()) return {};
        return folder.read(fs::relative(packages.file_of(campaign, *member), folder.path()).string());
    }
};

TEST_F(PackagesTest, StoresEveryImageUnderItsEcu) {
    ASSERT_TRUE(fetch());
    EXPECT_EQ(stored(brake), record_of(members[0].target, brake_image, 0));
    EXPECT_EQ(stored(radio), record_of(members[1].target, radio_image, 1));
    EXPECT_EQ(progress.back(), package.size());
    ASSERT_TRUE(fetch()) << "again";
    EXPECT_TRUE(progress.empty()) << "nothing is fetched twice";
    packages.drop(campaign);
    EXPECT_TRUE(stored(brake).empty());
}

TEST_F(PackagesTest, GoesOnWhereItWasCut) {
    give_up_at = 350'000;  // in the second record
    EXPECT_TRUE(fetch().error().is(faults::work_stopped));
    const std::size_t before = stored(brake).size() + stored(radio).size();
    EXPECT_GT(before, give_up_at);
    EXPECT_LT(before, package.size());
    give_up_at = UINT64_MAX;
    const auto done = fetch();
    ASSERT_TRUE(done) << done.error().str();
    EXPECT_GT(progress.front(), before) << "not from the beginning";
    EXPECT_EQ(stored(radio), record_of(members[1].target, radio_image, 1));
}

TEST_F(PackagesTest, TakesOnlyTheRecordsOfThisVehicle) {
    const update::Member other = members.back();
    members.pop_back();
    ASSERT_TRUE(fetch());
    EXPECT_FALSE(fs::exists(packages.file_of(campaign, other)));
    members.front() = {.target = target_of(radio, radio_image),
                       .offset_bytes = package.size() - radio_image.size() - 64,
                       .stored_size_bytes = radio_image.size() + 64};
    ASSERT_TRUE(fetch());
    EXPECT_EQ(stored(radio).size(), radio_image.size() + 64);
}

TEST_F(PackagesTest, DeletesAnImageThatIsNotTheTrustedOne) {
    members[1].target.sha256[0] ^= 1;
    EXPECT_TRUE(fetch().error().is(faults::wrong_image));
    EXPECT_TRUE(stored(radio).empty());
    EXPECT_FALSE(stored(brake).empty());
}

TEST_F(PackagesTest, NoticesAByteThatWasFlippedInTheStoredPackage) {
    package[100'000] ^= 0x01;
    site.folder.write("packages/OTA-1/full_package.bin", package);
    EXPECT_TRUE(fetch().error().is(package::faults::wrong_crc) || fetch().error().is(faults::wrong_image));
    EXPECT_TRUE(stored(brake).empty());
}

TEST_F(PackagesTest, NoticesAPackageThatEndsTooEarly) {
    site.folder.write("packages/OTA-1/full_package.bin", View(package).first(package.size() - 10));
    EXPECT_TRUE(fetch().error().is(faults::package_too_short));
}

TEST_F(PackagesTest, SaysWhenItCannotStore) {
    folder.write("packages", Bytes{1});
    EXPECT_TRUE(fetch().error().is(faults::cannot_store));
}

TEST_F(PackagesTest, TakesOnlyTheAnnouncedDirectory) {
    site.folder.write("packages/OTA-1/campaign_metadata.json", view_of("{}"));
    const auto directory = io::complete(loop, packages.directory({"/packages/OTA-1/full_package.bin", 1, {}}));
    EXPECT_TRUE(directory.error().is(faults::metadata_changed));
    const auto announced =
        io::complete(loop, packages.directory({"/packages/OTA-1/full_package.bin", 1, crypto::sha256(view_of("{}"))}));
    EXPECT_FALSE(announced.error().is(faults::metadata_changed)) << "it is the announced one, though not a directory";
}

// A delta, beside a package that has the plain image.
struct PayloadsTest : PackagesTest {
    const Bytes delta = flash::test::image_of(40'000, 9);

    void SetUp() override {
        PackagesTest::SetUp();
        direct_a_delta(members[0]);
        site.folder.write("packages/OTA-1/payloads/" + to_hex(crypto::sha256(delta)), delta);
    }
    void direct_a_delta(update::Member& member) const {
        member.target.delivery =
            uptane::Delivery{*Form::parse("delta"), delta.size(), crypto::sha256(delta), crypto::sha256(radio_image)};
        member.source = update::Source::payload;
        member.offset_bytes = 0;
        member.stored_size_bytes = delta.size();
    }
};

TEST_F(PayloadsTest, FetchesADeltaAndTheRecordsThatThePackageHas) {
    const auto done = fetch();
    ASSERT_TRUE(done) << done.error().str();
    EXPECT_EQ(stored(brake), delta);
    EXPECT_EQ(stored(radio), record_of(members[1].target, radio_image, 1));
    EXPECT_EQ(progress.back(), delta.size() + radio_image.size() + 64);
    ASSERT_TRUE(fetch());
    EXPECT_TRUE(progress.empty()) << "nothing is fetched twice";
}

TEST_F(PayloadsTest, GoesOnWhereADeltaWasCut) {
    give_up_at = members[1].stored_size_bytes + 10'000;
    EXPECT_TRUE(fetch().error().is(faults::work_stopped));
    const std::size_t before = stored(brake).size() + stored(radio).size();
    EXPECT_LT(before, members[1].stored_size_bytes + delta.size());
    give_up_at = UINT64_MAX;
    ASSERT_TRUE(fetch());
    EXPECT_GT(progress.front(), before) << "not from the beginning";
    EXPECT_EQ(stored(brake), delta);
}

TEST_F(PayloadsTest, KeepsNothingOfADeltaThatIsNotTheSignedOne) {
    Bytes other = delta;
    other[7] ^= 1;
    const std::string name = "packages/OTA-1/payloads/" + to_hex(crypto::sha256(delta));
    site.folder.write(name, other);
    EXPECT_TRUE(fetch().error().is(faults::wrong_image));
    EXPECT_TRUE(stored(brake).empty());
    site.folder.write(name, View(delta).first(delta.size() - 1));
    EXPECT_TRUE(fetch().error().is(faults::package_too_short));
    other.assign(delta.begin(), delta.end());
    other.push_back(0);
    packages.drop(campaign);
    site.folder.write(name, other);
    EXPECT_FALSE(fetch()) << "longer than what was signed";
    EXPECT_LE(stored(brake).size(), delta.size());
}

TEST_F(PayloadsTest, ForgetsTheDeltaWhereTheFullImageIsDirectedInstead) {
    ASSERT_TRUE(fetch());
    update::Member& member = members[0];
    member.target.delivery.reset();
    member.source = update::Source::package;
    member.stored_size_bytes = brake_image.size() + package::header_size_bytes;
    ASSERT_TRUE(fetch());
    EXPECT_EQ(stored(brake), record_of(member.target, brake_image, 0)) << "not behind the bytes of the delta";
}

update::Member member_of(const uptane::TrustedTarget& target) { return {.target = target}; }

TEST(RecordCheck, RefusesEveryDifferenceFromTheTrustedTarget) {
    const Folder folder;
    const Bytes image = flash::test::image_of(70'000, 3);
    const uptane::TrustedTarget good = target_of(radio, image);
    const fs::path file = folder.write("r.swpg", record_of(good, image));
    EXPECT_TRUE(check_stored(file, member_of(good)));
    void (*const spoilers[])(uptane::TrustedTarget&) = {
        [](uptane::TrustedTarget& target) { target.ecu = brake; },
        [](uptane::TrustedTarget& target) { target.version.minor += 1; },
        [](uptane::TrustedTarget& target) { target.length_bytes += 1; },
        [](uptane::TrustedTarget& target) { target.sha256[31] ^= 1; },
        [](uptane::TrustedTarget& target) { target.sha512[63] ^= 1; },
    };
    for (const auto spoil : spoilers) {
        uptane::TrustedTarget other = good;
        spoil(other);
        EXPECT_TRUE(check_stored(file, member_of(other)).error().is(faults::wrong_image));
    }
}

TEST(RecordCheck, WantsTheFormThatIsDirected) {
    const Folder folder;
    const Bytes payload = flash::test::image_of(1000, 3);
    uptane::TrustedTarget target = target_of(radio, payload);
    package::Header header = *package::decode(View(record_of(target, payload)).first<package::header_size_bytes>());
    header.form.compression = Compression::zstd;
    header.uncompressed_size_bytes = 5000;
    const auto packed = *package::encode(header);
    Bytes record(packed.begin(), packed.end());
    record.insert(record.end(), payload.begin(), payload.end());
    const fs::path file = folder.write("zstd.swpg", record);
    EXPECT_TRUE(check_stored(file, member_of(target)).error().is(faults::wrong_image)) << "the image itself is";
    target.delivery = uptane::Delivery{header.form, payload.size(), crypto::sha256(payload)};
    EXPECT_TRUE(check_stored(file, member_of(target)));
    target.delivery->sha256[3] ^= 1;
    EXPECT_TRUE(check_stored(file, member_of(target)).error().is(faults::wrong_image));
}

TEST(RecordCheck, RefusesWhatItCannotRead) {
    const Folder folder;
    const Bytes image = flash::test::image_of(1000, 3);
    const update::Member member = member_of(target_of(radio, image));
    EXPECT_TRUE(check_stored(folder / "absent.swpg", member).error().is(io::files::faults::not_there));
    const Bytes record = record_of(member.target, image);
    EXPECT_TRUE(
        check_stored(folder.write("cut.swpg", View(record).first(500)), member).error().is(package::faults::truncated));
}

}  // namespace
}  // namespace pitstop::gateway
