#include "io/store/store.h"
#include "io/store/faults.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <cstdlib>
#include <fstream>

namespace pitstop::io::store {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
protected:
    StoreTest() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-store-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        open();
    }
    ~StoreTest() override {
        database_.reset();
        fs::remove_all(folder_);
    }

    [[nodiscard]] fs::path file() const { return folder_ / "pitstop.db"; }
    void open() {
        store_.reset();
        database_.reset();
        auto opened = Database::open({.file = file()});
        ASSERT_TRUE(opened) << opened.error().str();
        database_ = *std::move(opened);
        store_.emplace(*database_);
    }
    // What a person with another tool does to the file while the server is down.
    void tamper(const std::string& sql) {
        store_.reset();
        database_.reset();
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(raw);
        sqlite3_close(raw);
    }
    void add_vehicle_and_campaign() {
        ASSERT_TRUE(store_->vehicles.put({.vin = vin}));
        ASSERT_TRUE(store_->campaigns.add({.id = campaign, .created = now, .campaign = "{}"}));
    }

    const Vin vin = *Vin::parse("VIN00001");
    const CampaignId campaign = *CampaignId::parse("winter");
    const UtcTime now{1'800'000'000};
    fs::path folder_;
    std::unique_ptr<Database> database_;
    std::optional<Store> store_;
};

TEST_F(StoreTest, RefusesASecondServerOnTheSameFile) {
    const auto second = Database::open({.file = file()});
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(faults::in_use)) << second.error().str();
}

TEST_F(StoreTest, RefusesADatabaseFromTheFuture) {
    tamper("INSERT INTO schema_steps VALUES (999)");
    EXPECT_TRUE(Database::open({.file = file()}).error().is(faults::newer_schema));
}

TEST_F(StoreTest, SaysWhyItCannotBeOpened) {
    EXPECT_TRUE(Database::open({.file = folder_ / "absent" / "x.db"}).error().is(faults::unavailable));
    EXPECT_TRUE(Database::open({.file = folder_ / "a\"b.db"}).error().is(faults::unavailable));
    std::ofstream(folder_ / "text.db") << std::string(5000, 'x');
    EXPECT_TRUE(Database::open({.file = folder_ / "text.db"}).error().is(faults::broken));
}

TEST_F(StoreTest, StopsWhenThereIsNoRoomLeft) {
    auto small = Database::open({.file = folder_ / "small.db", .size_bytes_max = 400'000});
    ASSERT_TRUE(small) << small.error().str();
    Store store(**small);
    Result<void> added;
    for (int i = 0; i < 1000 && added; ++i) added = store.events.add({.at = now, .detail = std::string(2000, 'x')});
    ASSERT_FALSE(added);
    EXPECT_TRUE(added.error().is(faults::disk_full)) << added.error().str();
    EXPECT_EQ(added.error().remedy(), Remedy::stop);
}

TEST_F(StoreTest, StopsWhenATableIsGoneOrARowIsNotOurs) {
    tamper("DROP TABLE events; INSERT INTO vehicles VALUES ('not a vin', 0, 0, '', 0, '', 0, '')");
    open();
    EXPECT_TRUE(store_->events.add({.at = now}).error().is(faults::broken));
    EXPECT_TRUE(store_->vehicles.list("", 10).error().is(faults::bad_row));
}

TEST_F(StoreTest, RefusesWhatContradictsWhatIsThere) {
    const AssignmentRow row{.vin = vin, .campaign = campaign, .phase = "assigned", .state = "{}", .updated = now};
    EXPECT_TRUE(store_->assignments.put(row).error().is(faults::conflict));
    add_vehicle_and_campaign();
    EXPECT_TRUE(store_->assignments.put(row));
    EXPECT_TRUE(store_->campaigns.add({.id = campaign, .created = now, .campaign = "{}"}).error().is(faults::conflict));
}

TEST_F(StoreTest, KeepsAllOfATransactionOrNothing) {
    const auto refused = database_->transaction([&]() -> Result<void> {
        ENSURE(store_->vehicles.put({.vin = vin}));
        return fail(faults::conflict, "decided otherwise");
    });
    EXPECT_TRUE(refused.error().is(faults::conflict));
    EXPECT_FALSE(store_->vehicles.find(vin)->has_value());
    EXPECT_TRUE(database_->transaction([&] { return store_->vehicles.put({.vin = vin}); }));
    EXPECT_TRUE(store_->vehicles.find(vin)->has_value());
}

TEST_F(StoreTest, GivesBackVehiclesAsTheyWerePutAlsoAfterARestart) {
    const VehicleRow row{vin, now, now + std::chrono::seconds(5), "boot-1", 7, R"({"a":"'ü"})", now, "{}"};
    ASSERT_TRUE(store_->vehicles.put({.vin = vin}));
    ASSERT_TRUE(store_->vehicles.put(row));
    open();
    const auto found = store_->vehicles.find(vin);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->first_seen, row.first_seen);
    EXPECT_EQ((*found)->last_seen, row.last_seen);
    EXPECT_EQ((*found)->boot_id, "boot-1");
    EXPECT_EQ((*found)->boot_seq, 7U);
    EXPECT_EQ((*found)->inventory, row.inventory);
    EXPECT_EQ((*found)->inventory_at, row.inventory_at);
}

TEST_F(StoreTest, KnowsACampaignsPackageOnlyWhenItIsThere) {
    add_vehicle_and_campaign();
    EXPECT_FALSE((*store_->campaigns.find(campaign))->package);
    Sha256Digest digest{};
    digest[0] = 0xAB;
    ASSERT_TRUE(store_->campaigns.set_package(campaign, {digest, std::uint64_t{1} << 33}));
    const auto package = (*store_->campaigns.find(campaign))->package;
    ASSERT_TRUE(package);
    EXPECT_EQ(package->digest, digest);
    EXPECT_EQ(package->size_bytes, std::uint64_t{1} << 33);
}

TEST_F(StoreTest, ListsInPages) {
    for (const char* id : {"VIN01", "VIN02", "VIN03"}) ASSERT_TRUE(store_->vehicles.put({.vin = *Vin::parse(id)}));
    const auto first = store_->vehicles.list("", 2);
    ASSERT_EQ(first->size(), 2U);
    const auto second = store_->vehicles.list(first->back().vin.view(), 2);
    ASSERT_EQ(second->size(), 1U);
    EXPECT_EQ(second->front().vin.view(), "VIN03");
}

TEST_F(StoreTest, FindsTheAssignmentsThatAreStillOpen) {
    add_vehicle_and_campaign();
    AssignmentRow row{.vin = vin, .campaign = campaign, .phase = "assigned", .state = "{}", .updated = now};
    ASSERT_TRUE(store_->assignments.put(row));
    EXPECT_EQ(store_->assignments.all_open()->size(), 1U);
    row.phase = "verified";
    row.activity = Activity::closed;
    ASSERT_TRUE(store_->assignments.put(row));
    EXPECT_TRUE(store_->assignments.all_open()->empty());
    EXPECT_EQ(store_->assignments.count_phases(campaign)->front().phase, "verified");
    EXPECT_EQ(store_->assignments.count_phases(campaign)->front().vehicles, 1U);
    EXPECT_EQ(store_->assignments.of_vehicle(vin)->front().phase, "verified");
    EXPECT_EQ(store_->assignments.of_campaign(campaign, "", 10)->size(), 1U);
    EXPECT_EQ((*store_->assignments.find(vin, campaign))->activity, Activity::closed);
}

TEST_F(StoreTest, KeepsEventsInTheirOrder) {
    add_vehicle_and_campaign();
    ASSERT_TRUE(store_->events.add(
        {.at = now, .vin = "VIN00001", .campaign = "winter", .phase = "downloading", .percent = 40}));
    ASSERT_TRUE(
        store_->events.add({.at = now, .vin = "VIN00001", .campaign = "winter", .phase = "failed", .code = "x.y"}));
    const auto events = store_->events.of_assignment(vin, campaign, 10);
    ASSERT_EQ(events->size(), 2U);
    EXPECT_EQ((*events)[0].percent, 40);
    EXPECT_EQ((*events)[1].percent, std::nullopt);
    EXPECT_EQ((*events)[1].code, "x.y");
    EXPECT_EQ(store_->events.of_assignment(vin, campaign, 1)->front().phase, "failed");
    EXPECT_TRUE(store_->events.of_assignment(*Vin::parse("VIN00002"), campaign, 10)->empty());
}

TEST_F(StoreTest, FindsMetadataByVersionAndNewest) {
    for (const std::uint64_t version : {1U, 2U, 10U})
        ASSERT_TRUE(store_->metadata_files.put(
            {Repository::director, "VIN00001", "targets", version, std::to_string(version)}));
    EXPECT_EQ((*store_->metadata_files.newest(Repository::director, "VIN00001", "targets"))->bytes, "10");
    EXPECT_EQ((*store_->metadata_files.find(Repository::director, "VIN00001", "targets", 2))->bytes, "2");
    EXPECT_FALSE(store_->metadata_files.newest(Repository::image, "VIN00001", "targets")->has_value());
    EXPECT_FALSE(store_->metadata_files.find(Repository::director, "VIN00002", "targets", 2)->has_value());
    ASSERT_TRUE(store_->metadata_files.forget_all(Repository::director, "VIN00001", "targets"));
    EXPECT_FALSE(store_->metadata_files.newest(Repository::director, "VIN00001", "targets")->has_value());
}

TEST_F(StoreTest, RemembersABoundedNumberOfMessagesOfEachVehicle) {
    using Seen = SeenMessages::Seen;
    ASSERT_TRUE(database_->transaction([&]() -> Result<void> {
        for (int i = 0; i < 1000; ++i) {
            TRY(const Seen seen, store_->seen_messages.remember(vin, std::to_string(i)));
            EXPECT_EQ(seen, Seen::first_time);
        }
        return {};
    }));
    EXPECT_EQ(store_->seen_messages.remember(vin, "999"), Seen::again);
    EXPECT_EQ(store_->seen_messages.remember(vin, "744"), Seen::again);  // the oldest of the last 256
    EXPECT_EQ(store_->seen_messages.remember(*Vin::parse("VIN00002"), "999"), Seen::first_time);
    EXPECT_EQ(store_->seen_messages.remember(vin, "0"), Seen::first_time);
}

TEST_F(StoreTest, FindsAnApiKeyByItsDigestOnly) {
    Sha256Digest digest{};
    ASSERT_TRUE(store_->api_keys.put({digest, "admin", "first"}));
    EXPECT_EQ((*store_->api_keys.find(digest))->name, "first");
    digest[31] = 1;
    EXPECT_FALSE(store_->api_keys.find(digest)->has_value());
    EXPECT_EQ(store_->api_keys.list()->size(), 1U);
}

}  // namespace
}  // namespace pitstop::io::store
