#include "apps/server/renewal.h"
#include "apps/server/cloud_on_the_desk.h"
#include "core/uptane/faults.h"
#include "io/keys/key_file.h"

#include <algorithm>

namespace pitstop::server {
namespace {

using desk::Cloud;
using std::chrono::days;
using uptane::Role;

const UtcTime now = uptane::desk::now;

ListingKeys listing_keys() {
    ListingKeys keys;
    for (auto [role, into] : {std::pair{Role::snapshot, &keys.snapshot}, {Role::timestamp, &keys.timestamp}}) {
        into->push_back(desk::copy_of(uptane::desk::keys_of(role).classical));
        into->push_back(desk::copy_of(uptane::desk::keys_of(role).post_quantum));
    }
    return keys;
}

class RenewalStory : public testing::Test {
protected:
    RenewalStory() { cloud_.publish(desk::build_package(now)); }

    Result<uptane::TrustSet> vehicle_cycle(UtcTime at) {
        TRY(const auto root, cloud_.images->file("1.root.json"));
        TRY(auto trust, uptane::TrustSet::from_root(uptane::Repository::image, uptane::ReceivedRoot{view_of(root)}));
        TRY(const auto timestamp, cloud_.images->file("timestamp.json"));
        ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{view_of(timestamp)}, at));
        TRY(const auto snapshot,
            cloud_.images->file(uptane::file_name(Role::snapshot, trust.timestamp()->snapshot.version)));
        ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{view_of(snapshot)}, at));
        return trust;
    }
    static bool tells(const std::vector<DatedFile>& late, std::string_view repository, std::string_view role) {
        return std::ranges::any_of(
            late, [&](const DatedFile& file) { return file.repository == repository && file.role == role; });
    }

    Cloud cloud_{now};
    io::metrics::Registry registry_;
};

TEST_F(RenewalStory, SignsSnapshotAndTimestampAnewBeforeTheyExpire) {
    cloud_.images->hold(listing_keys());
    Renewal renewal(*cloud_.images, *cloud_.director, registry_);
    for (int day = 0; day < 30; ++day) {
        const UtcTime at = now + days(day);
        const auto late = renewal.pass(at);
        EXPECT_FALSE(tells(late, "image", "timestamp") || tells(late, "image", "snapshot")) << day;
        const auto trust = vehicle_cycle(at);
        ASSERT_TRUE(trust) << day << ": " << trust.error().str();
        EXPECT_GE(trust->timestamp()->expires, at + days(15)) << day;
        EXPECT_GE(trust->snapshot()->expires, at + days(45)) << day;
    }
    EXPECT_LE(vehicle_cycle(now + days(29))->timestamp()->version, 4U) << "not more often than needed";
    EXPECT_TRUE(cloud_.images->target(desk::target_name)) << "what is listed stays listed";
}

TEST_F(RenewalStory, GoesOnAfterARestart) {
    for (const int day : {0, 20}) {
        cloud_.open();
        cloud_.images->hold(listing_keys());
        Renewal renewal(*cloud_.images, *cloud_.director, registry_);
        (void)renewal.pass(now + days(day));
    }
    EXPECT_TRUE(vehicle_cycle(now + days(29)));
    EXPECT_EQ(vehicle_cycle(now + days(29))->timestamp()->version, 3U);
}

TEST_F(RenewalStory, ListsAnewWhatAnEngineerHandsInWithNumbersFromBefore) {
    cloud_.images->hold(listing_keys());
    for (const int day : {0, 20}) ASSERT_TRUE(cloud_.images->renew(now + days(day)));
    const std::array targets{Cloud::named(desk::build_package(now)),
                             uptane::desk::named("BRK-2/ECU_011-2.0.0.img", uptane::desk::image("newer", "2.0.0", 9))};
    cloud_.publish(targets, 2);  // the engineer never saw Timestamp 2 and 3
    EXPECT_TRUE(cloud_.images->target(targets[1].name));
    EXPECT_EQ(vehicle_cycle(now)->timestamp()->version, 4U);
    EXPECT_EQ(vehicle_cycle(now)->snapshot()->version, 3U);
    cloud_.publish(targets, 3);
    EXPECT_EQ(vehicle_cycle(now)->snapshot()->version, 4U);

    const auto old = cloud_.publication(std::span(targets).first(1), 1);
    ASSERT_TRUE(cloud_.images->put("1.targets.json", old.targets, now) &&
                cloud_.images->put("1.snapshot.json", old.snapshot, now));
    EXPECT_TRUE(cloud_.images->put("timestamp.json", old.timestamp, now).error().is(uptane::faults::rolled_back));
    EXPECT_TRUE(cloud_.images->target(targets[1].name)) << "nothing that is listed goes back";
}

TEST_F(RenewalStory, OnlyTellsWhenTheKeysAreElsewhere) {
    Renewal renewal(*cloud_.images, *cloud_.director, registry_);
    EXPECT_TRUE(tells(renewal.pass(now + days(1)), "image", "snapshot"));
    EXPECT_FALSE(tells(renewal.pass(now + days(14)), "image", "timestamp"));
    EXPECT_TRUE(tells(renewal.pass(now + days(16)), "image", "timestamp"));
    EXPECT_EQ(vehicle_cycle(now)->timestamp()->version, 1U);
}

TEST_F(RenewalStory, TellsOfEveryOfflineRoleInTime) {
    cloud_.images->hold(listing_keys());
    Renewal renewal(*cloud_.images, *cloud_.director, registry_);
    const auto late = renewal.pass(now + days(1));
    for (const auto& [repository, role] : {std::pair{"image", "root"}, {"image", "targets"}, {"director", "root"}})
        EXPECT_TRUE(tells(late, repository, role)) << repository << " " << role;
    const std::string shown = registry_.render();
    for (const char* series : {R"({repository="image",role="root"})", R"({repository="image",role="timestamp"})",
                               R"({repository="image",role="snapshot"})", R"({repository="image",role="targets"})",
                               R"({repository="director",role="root"})"})
        EXPECT_NE(shown.find(std::string("pitstop_metadata_expires_seconds") + series), std::string::npos) << series;
}

TEST_F(RenewalStory, ChangesNothingWithKeysThatRootDoesNotName) {
    ListingKeys foreign = listing_keys();
    std::swap(foreign.snapshot, foreign.timestamp);
    cloud_.images->hold(std::move(foreign));
    EXPECT_TRUE(cloud_.images->renew(now + days(1)).error().is(uptane::faults::classical_missing));
    Renewal renewal(*cloud_.images, *cloud_.director, registry_);
    EXPECT_TRUE(tells(renewal.pass(now + days(1)), "image", "snapshot"));
    EXPECT_EQ(vehicle_cycle(now)->timestamp()->version, 1U);
}

TEST(ListingKeys, AreAllThereOrNoneIs) {
    const desk::Folder folder;
    const auto none = ListingKeys::load_if_there(folder / "");
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    for (const char* file : {"snapshot-classical", "snapshot-pq", "timestamp-classical", "timestamp-pq"}) {
        EXPECT_TRUE(io::keys::save_private_key(folder / (std::string(file) + ".key"),
                                               uptane::desk::new_keys().classical.key()));
        const auto some = ListingKeys::load_if_there(folder / "");
        EXPECT_EQ(some.has_value(), std::string_view(file) == "timestamp-pq") << file;
    }
}

}  // namespace
}  // namespace pitstop::server
