#include "core/uptane/cycle.h"

#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

using Shelf = std::map<std::string, Bytes>;  // what a repository serves, by file name

Shelf shelf_of(const Publication& files) {
    return {{file_name(Role::targets, files.targets_version), files.targets},
            {file_name(Role::snapshot, files.snapshot_version), files.snapshot},
            {"timestamp.json", files.timestamp}};
}

struct Trip {
    std::vector<std::string> asked;
    std::size_t saves = 0;
    std::optional<Error> failure;
};

void drive(Cycle& cycle, const Shelf& shelf, Trip& trip) {
    for (;;) {
        const Step step = cycle.next();
        if (const auto* fetch = std::get_if<Fetch>(&step)) {
            trip.asked.push_back(file_of(*fetch));
            const auto found = shelf.find(trip.asked.back());
            found == shelf.end() ? cycle.on_absent() : cycle.on_file(found->second);
        } else if (std::holds_alternative<Save>(step)) {
            ++trip.saves;
            cycle.on_saved();
        } else {
            if (const auto* failed = std::get_if<Failed>(&step)) trip.failure = failed->error;
            return;
        }
    }
}

Trip refresh(TrustSet& set, const Shelf& shelf, UtcTime at = now) {
    Trip trip;
    Cycle cycle(set, at);
    drive(cycle, shelf, trip);
    return trip;
}

using Names = std::vector<std::string>;

TEST(Cycle, FetchesNoMoreThanTheSpecificationNeeds) {
    TrustSet set = trust();
    Shelf shelf = shelf_of(published(image_targets(), 1));
    Trip trip = refresh(set, shelf);
    EXPECT_FALSE(trip.failure) << trip.failure->str();
    EXPECT_EQ(trip.asked, (Names{"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"}));
    EXPECT_EQ(trip.saves, 3U);
    ASSERT_TRUE(set.targets());

    trip = refresh(set, shelf);  // nothing new: the rest is remembered
    EXPECT_FALSE(trip.failure);
    EXPECT_EQ(trip.asked, (Names{"2.root.json", "timestamp.json"}));
    ASSERT_TRUE(set.targets());
}

TEST(Cycle, FollowsTheRootChainToItsEnd) {
    TrustSet set = trust();
    Shelf shelf = shelf_of(published(image_targets(), 1));
    shelf["2.root.json"] = root_file(2);
    shelf["3.root.json"] = root_file(3);
    const Trip trip = refresh(set, shelf);
    EXPECT_FALSE(trip.failure);
    EXPECT_EQ(set.root().version, 3U);
    EXPECT_EQ(trip.asked[2], "4.root.json");
    EXPECT_EQ(trip.saves, 5U);
}

TEST(Cycle, EndsOnAServersErrorEvenInTheRootChain) {
    TrustSet set = trust();
    Cycle cycle(set, now);
    ASSERT_TRUE(std::holds_alternative<Fetch>(cycle.next()));
    cycle.on_error(Error(faults::not_published, "503"));
    EXPECT_TRUE(std::holds_alternative<Failed>(cycle.next()));
    cycle.on_file(root_file(2));  // too late
    cycle.on_absent();
    EXPECT_TRUE(std::holds_alternative<Failed>(cycle.next()));
    EXPECT_EQ(set.root().version, 1U);
}

TEST(Cycle, SaysWhichFileIsMissing) {
    for (const char* missing : {"timestamp.json", "1.snapshot.json", "1.targets.json"}) {
        TrustSet set = trust();
        Shelf shelf = shelf_of(published(image_targets(), 1));
        shelf.erase(missing);
        const Trip trip = refresh(set, shelf);
        ASSERT_TRUE(trip.failure);
        EXPECT_TRUE(trip.failure->is(faults::not_published));
        EXPECT_EQ(trip.failure->detail(), missing);
        EXPECT_EQ(trip.failure->remedy(), Remedy::retry);
    }
}

TEST(Cycle, TakesNoMoreBytesThanWerePromised) {
    TrustSet set = trust();
    Shelf shelf = shelf_of(published(image_targets(), 1));
    shelf["1.snapshot.json"].push_back(' ');
    EXPECT_TRUE(refresh(set, shelf).failure->is(faults::too_large));
}

TEST(Cycle, SucceedsAgainAfterEveryRefusal) {
    TrustSet set = trust();
    const Shelf honest = shelf_of(published(image_targets(2), 2));
    for (const char* attacked : {"2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"}) {
        Shelf shelf = honest;
        shelf[attacked] = signed_as(Role::timestamp, json::Object{{"_type", "x"}});
        EXPECT_TRUE(refresh(set, shelf).failure) << attacked;
        TrustSet after = set;
        EXPECT_FALSE(refresh(after, honest).failure) << attacked;
    }
}

TEST(Cycle, SearchesDelegatedRolesAndRemembersThem) {
    const Targets there = image_targets();
    Targets top{1, later, {}, {}, {}};
    auto& delegations = top.delegations.emplace();
    Delegation supplier;
    supplier.role = "supplier";
    supplier.paths = {"BRK-2/*"};
    supplier.keys = role_keys(new_keys().public_keys(), {}, Policy::hybrid, delegations.keys);
    delegations.roles = {supplier};
    const Bytes delegated = *sign(to_json(there), new_keys().signers());
    const PublicationPlan plan{{1, later}, {1, later}, {{"supplier", info_of(1, delegated)}}};
    Shelf shelf = shelf_of(*publish(root(), top, plan, role_signers()));
    shelf["1.supplier.json"] = delegated;
    NamedTarget wanted = named("BRK-2/nothing.img", image(""));

    TrustSet set = trust();
    Trip trip;
    Cycle cycle(set, now);
    drive(cycle, shelf, trip);
    cycle.want(wanted.name, {});
    drive(cycle, shelf, trip);
    EXPECT_FALSE(trip.failure) << trip.failure->str();
    EXPECT_EQ(trip.asked.back(), "1.supplier.json");
    EXPECT_EQ(set.look_up(wanted.name, {})->found, nullptr);

    Trip again;
    Cycle second(set, now);
    drive(second, shelf, again);
    second.want(there.targets.begin()->first, {});
    drive(second, shelf, again);
    EXPECT_EQ(again.asked, (Names{"2.root.json", "timestamp.json"}));
    EXPECT_NE(set.look_up(there.targets.begin()->first, {})->found, nullptr);
}

TEST(Cycle, OfPlainTufKeepsItsTimestampWhenTheVersionStaysAndUsesUnversionedNames) {
    Root plain_root = root();
    plain_root.consistent_snapshot = false;
    const Rules plain{.dialect = Dialect::tuf, .policy = Policy::classic};
    TrustSet set = *TrustSet::from_root(Repository::image,
                                        ReceivedRoot{*sign(to_json(plain_root), signers_of(Role::root))}, plain);
    const Publication files = published(image_targets(), 1), again = published(image_targets(), 1);
    Trip trip = refresh(
        set, {{"timestamp.json", files.timestamp}, {"snapshot.json", files.snapshot}, {"targets.json", files.targets}});
    EXPECT_FALSE(trip.failure) << trip.failure->str();
    EXPECT_EQ(trip.asked, (Names{"2.root.json", "timestamp.json", "snapshot.json", "targets.json"}));
    trip = refresh(set, {{"timestamp.json", again.timestamp}});
    EXPECT_FALSE(trip.failure) << trip.failure->str();
    EXPECT_TRUE(std::ranges::equal(set.remembered(Role::timestamp), files.timestamp));
}

TEST(Cycle, OfADirectorOfTheAktualizrFamilyHasNoListingRoles) {
    const Rules rules{.dialect = Dialect::aktualizr, .policy = Policy::classic};
    EXPECT_FALSE(rules.has_listing_roles(Repository::director));
    EXPECT_TRUE(rules.has_listing_roles(Repository::image));
}

}  // namespace
}  // namespace pitstop::uptane
