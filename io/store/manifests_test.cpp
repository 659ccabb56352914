#include "io/store/manifests.h"

#include <gtest/gtest.h>
#include <cstdlib>

namespace pitstop::io::store {
namespace {

namespace fs = std::filesystem;

class ManifestsTest : public testing::Test {
protected:
    ManifestsTest() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-manifests-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        open();
    }
    ~ManifestsTest() override {
        database_.reset();
        fs::remove_all(folder_);
    }
    void open() {
        database_.reset();
        auto opened = Database::open({.file = folder_ / "pitstop.db"});
        ASSERT_TRUE(opened) << opened.error().str();
        database_ = *std::move(opened);
        manifests_.emplace(*database_);
    }

    const Vin vin_ = *Vin::parse("VIN00001"), other_ = *Vin::parse("VIN00002");
    const UtcTime now_{1'800'000'000};
    fs::path folder_;
    std::unique_ptr<Database> database_;
    std::optional<Manifests> manifests_;
};

TEST_F(ManifestsTest, KeepKeysUntilOthersTakeTheirPlace) {
    EXPECT_FALSE(*manifests_->find_keys(vin_));
    ASSERT_TRUE(manifests_->put_keys({vin_, now_, "{}"}));
    ASSERT_TRUE(manifests_->put_keys({vin_, now_ + std::chrono::seconds(1), "{\"primary\":[]}"}));
    open();
    const auto keys = *manifests_->find_keys(vin_);
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->keys, "{\"primary\":[]}");
    EXPECT_EQ(keys->updated, now_ + std::chrono::seconds(1));
    EXPECT_FALSE(*manifests_->find_keys(other_));
}

TEST_F(ManifestsTest, KeepTheLastOfEachVehicle) {
    EXPECT_FALSE(*manifests_->find(vin_));
    ManifestRow row{.vin = vin_, .refusals = 1, .refused = now_, .code = "uptane.foreign-key", .detail = "VIN00001"};
    ASSERT_TRUE(manifests_->put(row));
    EXPECT_FALSE((*manifests_->find(vin_))->received) << "nothing was accepted yet";
    row.received = now_;
    row.history = "{\"ecus\":{}}";
    row.content = "{}";
    ASSERT_TRUE(manifests_->put(row));
    open();
    const auto found = *manifests_->find(vin_);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->received, now_);
    EXPECT_EQ(found->history, row.history);
    EXPECT_EQ(found->content, row.content);
    EXPECT_EQ(found->refusals, 1U);
    EXPECT_EQ(found->refused, now_);
    EXPECT_EQ(found->code, row.code);
    EXPECT_EQ(found->detail, row.detail);
}

TEST_F(ManifestsTest, ForgetTheOldestAttacksOfAVehicleThatReportsWithoutEnd) {
    const auto kept = static_cast<std::uint64_t>(Manifests::attacks_kept_per_vehicle);
    ASSERT_TRUE(manifests_->add_attack({.at = now_, .vin = other_.str(), .code = "uptane.wrong-hash", .attacks = 1}));
    ASSERT_TRUE(database_->transaction([&]() -> Result<void> {
        for (std::uint64_t i = 1; i <= kept + 20; ++i)
            ENSURE(manifests_->add_attack(
                {.at = now_, .vin = vin_.str(), .ecu = "ECU_011", .code = "uptane.rolled-back", .attacks = i}));
        return {};
    }));
    const auto all = *manifests_->attacks_of(vin_, 1000);
    ASSERT_EQ(all.size(), kept);
    EXPECT_EQ(all.front().attacks, kept + 20) << "newest first";
    EXPECT_EQ(all.front().ecu, "ECU_011");
    EXPECT_EQ(all.back().attacks, 21U);
    EXPECT_EQ(manifests_->attacks_of(vin_, 3)->size(), 3U);
    EXPECT_EQ(manifests_->attacks_of(other_, 10)->size(), 1U) << "others are not touched";
}

}  // namespace
}  // namespace pitstop::io::store
