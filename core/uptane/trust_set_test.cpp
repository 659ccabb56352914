#include "core/base/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

// Version 2 of everything is trusted already.
TrustSet trust_with_history() {
    TrustSet set = trust();
    EXPECT_TRUE(accept(set, published(image_targets(2), 2)));
    set.start_cycle();
    return set;
}

Bytes timestamp_file(const FileInfo& snapshot, Edition edition) {
    return signed_as(Role::timestamp, to_json(make_timestamp(snapshot, edition)));
}

TEST(TrustSet, RefusesAFirstRootThatItsOwnKeysDidNotSign) {
    const Bytes file = *sign(to_json(root()), new_keys().signers());
    EXPECT_TRUE(TrustSet::from_root(Repository::image, ReceivedRoot{file}).error().is(faults::classical_missing));
}

TEST(TrustSet, RefusesFilesBeforeTheOneThatVouchesForThem) {
    const Publication files = published(image_targets(), 1);
    TrustSet set = trust();
    EXPECT_TRUE(set.accept_snapshot(ReceivedSnapshot{files.snapshot}, now).error().is(faults::out_of_order));
    EXPECT_TRUE(set.accept_targets(ReceivedTargets{files.targets}, now).error().is(faults::out_of_order));
    ASSERT_TRUE(set.accept_timestamp(ReceivedTimestamp{files.timestamp}, now));
    EXPECT_TRUE(set.accept_targets(ReceivedTargets{files.targets}, now).error().is(faults::out_of_order));
    EXPECT_EQ(set.snapshot(), nullptr);
    EXPECT_EQ(set.targets(), nullptr);
}

TEST(TrustSet, RefusesEachFileAfterItsDate) {
    TrustSet set = trust();
    EXPECT_TRUE(
        accept(set, published(image_targets(), 1), later).error().is(faults::expired));  // Root is out of date as well

    const auto refuse_at = [](Publication files, Role role) {
        TrustSet fresh = trust();
        const auto result = accept(fresh, files);
        return !result && result.error().is(faults::expired) && result.error().detail().starts_with(to_string(role));
    };
    const Targets targets = image_targets();
    Targets old_targets = targets;
    old_targets.expires = now;
    EXPECT_TRUE(refuse_at(published(old_targets, 1), Role::targets));
    EXPECT_TRUE(refuse_at(*publish(root(), targets, {{1, now}, {1, later}}, role_signers()), Role::snapshot));
    EXPECT_TRUE(refuse_at(*publish(root(), targets, {{1, later}, {1, earlier}}, role_signers()), Role::timestamp));
}

TEST(TrustSet, RefusesAnExpiredRootOnlyAtTheEndOfTheChain) {
    const Bytes expired_root = *sign_root(*make_root(public_keys(), {2, earlier}), signers_of(Role::root));
    TrustSet set = trust();
    ASSERT_TRUE(set.succeed(ReceivedRoot{expired_root}));
    const Publication files = published(image_targets(), 1);
    EXPECT_TRUE(set.accept_timestamp(ReceivedTimestamp{files.timestamp}, now).error().is(faults::expired));
    ASSERT_TRUE(set.succeed(ReceivedRoot{root_file(3)}));
    EXPECT_TRUE(set.accept_timestamp(ReceivedTimestamp{files.timestamp}, now));
}

TEST(TrustSet, RefusesATimestampOlderThanTheTrustedOne) {
    TrustSet set = trust_with_history();
    const auto refused = set.accept_timestamp(ReceivedTimestamp{published(image_targets(1), 1).timestamp}, now);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(faults::rolled_back));
    EXPECT_EQ(refused.error().remedy(), Remedy::distrust);
}

TEST(TrustSet, RefusesTheSameVersionWithOtherBytes) {
    TrustSet set = trust_with_history();
    const Publication again = published(image_targets(2), 2);  // ECDSA and ML-DSA sign anew: other bytes
    EXPECT_TRUE(set.accept_timestamp(ReceivedTimestamp{again.timestamp}, now).error().is(faults::same_version_changed));

    const Bytes newer = timestamp_file(info_of(2, again.snapshot), {3, later});
    ASSERT_TRUE(set.accept_timestamp(ReceivedTimestamp{newer}, now));
    EXPECT_TRUE(set.accept_snapshot(ReceivedSnapshot{again.snapshot}, now).error().is(faults::same_version_changed));
}

TEST(TrustSet, RefusesTargetsOfTheSameVersionWithOtherBytes) {
    TrustSet set = trust_with_history();
    EXPECT_TRUE(accept(set, published(image_targets(2, "other"), 3)).error().is(faults::same_version_changed));
}

TEST(TrustSet, RefusesATimestampThatListsAnOlderSnapshot) {
    TrustSet set = trust_with_history();
    const Bytes file = timestamp_file(info_of(1, published(image_targets(1), 1).snapshot), {3, later});
    EXPECT_TRUE(set.accept_timestamp(ReceivedTimestamp{file}, now).error().is(faults::rolled_back));
}

TEST(TrustSet, RefusesASnapshotThatListsOlderTargetsOrDropsAnEntry) {
    const auto history = [](bool with_extra) {
        Snapshot snapshot = make_snapshot(info_of(5, {}), {5, later});
        if (with_extra) snapshot.files.emplace("brakes.json", FileInfo{});
        return snapshot;
    };
    const auto accept_snapshot = [](TrustSet& set, const Snapshot& snapshot) -> Result<void> {
        const Bytes file = signed_as(Role::snapshot, to_json(snapshot));
        const Bytes timestamp = timestamp_file(info_of(snapshot.version, file), {snapshot.version, later});
        ENSURE(set.accept_timestamp(ReceivedTimestamp{timestamp}, now));
        return set.accept_snapshot(ReceivedSnapshot{file}, now);
    };
    TrustSet set = trust();
    ASSERT_TRUE(accept_snapshot(set, history(true)));
    Snapshot next = history(false);
    next.version = 6;
    EXPECT_TRUE(accept_snapshot(set, next).error().is(faults::entry_dropped));
    next = history(true);
    next.version = 7;
    next.files.at("targets.json").version = 4;
    EXPECT_TRUE(accept_snapshot(set, next).error().is(faults::rolled_back));
    next.version = 8;
    next.files.at("targets.json").version = 5;
    EXPECT_TRUE(accept_snapshot(set, next));
}

TEST(TrustSet, RefusesFilesOtherThanThePromisedOnes) {
    const Publication files = published(image_targets(), 1);
    const auto promised = [&](FileInfo info) {
        TrustSet set = trust();
        EXPECT_TRUE(set.accept_timestamp(ReceivedTimestamp{timestamp_file(info, {1, later})}, now));
        return set.accept_snapshot(ReceivedSnapshot{files.snapshot}, now);
    };
    const FileInfo right = info_of(1, files.snapshot);
    FileInfo info = right;
    info.length_bytes = *right.length_bytes + 1;
    EXPECT_TRUE(promised(info).error().is(faults::wrong_length));
    info = right;
    (*info.sha256)[0] ^= 1;
    EXPECT_TRUE(promised(info).error().is(faults::wrong_hash));
    info = right;
    (*info.sha512)[0] ^= 1;  // the second digest counts as well
    EXPECT_TRUE(promised(info).error().is(faults::wrong_hash));
    info = right;
    info.version = 2;
    EXPECT_TRUE(promised(info).error().is(faults::wrong_version));
    EXPECT_TRUE(promised(right));
}

TEST(TrustSet, RefusesTargetsOfAnotherPublication) {
    const Publication files = published(image_targets(), 1), others = published(image_targets(1, "other image"), 1);
    TrustSet set = trust();
    ASSERT_TRUE(set.accept_timestamp(ReceivedTimestamp{files.timestamp}, now));
    ASSERT_TRUE(set.accept_snapshot(ReceivedSnapshot{files.snapshot}, now));
    const auto refused = set.accept_targets(ReceivedTargets{others.targets}, now);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(faults::wrong_length) || refused.error().is(faults::wrong_hash));
    EXPECT_EQ(set.targets(), nullptr);
}

TEST(TrustSet, RefusesAFlippedByteInAnyFile) {
    const Publication files = published(image_targets(), 1);
    const auto flipped = [](Bytes file, std::size_t at) {
        file[at] ^= 1;
        return file;
    };
    for (std::size_t at = 0; at < files.timestamp.size(); at += 211)
        EXPECT_FALSE(trust().accept_timestamp(ReceivedTimestamp{flipped(files.timestamp, at)}, now)) << at;
    for (std::size_t at = 0; at < files.targets.size(); at += 701) {
        TrustSet set = trust();
        Publication changed = files;
        changed.targets = flipped(files.targets, at);
        EXPECT_FALSE(accept(set, changed)) << at;
    }
}

TEST(TrustSet, RefusesAFileOfAnotherRole) {
    Root lenient = root();
    lenient.roles[static_cast<std::size_t>(Role::timestamp)] = lenient.of(Role::targets);  // one key for two roles
    TrustSet set = *TrustSet::from_root(Repository::image, ReceivedRoot{*sign_root(lenient, signers_of(Role::root))});
    const Bytes file = signed_as(Role::targets, to_json(image_targets()));
    EXPECT_TRUE(set.accept_timestamp(ReceivedTimestamp{file}, now).error().is(faults::wrong_role));
}

TEST(TrustSet, KeepsWhatItTrustedWhenAFileIsRefused) {
    TrustSet set = trust_with_history();
    const Bytes before = set.save();
    EXPECT_FALSE(accept(set, published(image_targets(1), 1)));
    EXPECT_EQ(set.save(), before);
    EXPECT_TRUE(accept(set, published(image_targets(3), 3)));
}

TEST(TrustSet, TakesTheRememberedFilesAgainWhenNothingIsNew) {
    TrustSet set = trust_with_history();
    const TrustSet before = set;
    ASSERT_TRUE(set.accept_timestamp(ReceivedTimestamp{before.remembered(Role::timestamp)}, now));
    ASSERT_TRUE(set.accept_snapshot(ReceivedSnapshot{before.remembered(Role::snapshot)}, now));
    ASSERT_TRUE(set.accept_targets(ReceivedTargets{before.remembered(Role::targets)}, now));
    EXPECT_EQ(set.targets()->targets, image_targets(2).targets);
}

TEST(TrustSet, RemembersAcrossARestartButTrustsNothingAsCurrent) {
    const Bytes saved = trust_with_history().save();
    auto set = TrustSet::load(Repository::image, saved);
    ASSERT_TRUE(set) << set.error().str();
    EXPECT_EQ(set->timestamp(), nullptr);
    EXPECT_EQ(set->targets(), nullptr);
    EXPECT_EQ(set->save(), saved);
    EXPECT_TRUE(accept(*set, published(image_targets(1), 1)).error().is(faults::rolled_back));
}

TEST(TrustSet, StopsOnASavedStateThatIsDamagedOrAnothers) {
    const Bytes saved = trust_with_history().save();
    EXPECT_TRUE(TrustSet::load(Repository::director, saved).error().is(faults::broken_state));
    for (const Bytes& bad : {Bytes{}, Bytes{'{', '}'}, Bytes{'[', ']'}, Bytes(saved.begin(), saved.end() - 1)})
        EXPECT_TRUE(TrustSet::load(Repository::image, bad).error().is(faults::broken_state));
    const Publication others = published(image_targets(9), 9);
    for (const Role role : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
        const View wrong_file = role == Role::targets ? others.snapshot : others.targets;
        const Bytes bad = altered(
            saved, [&](json::Object& state) { state["files"].as_object()[to_string(role)] = text_of(wrong_file); });
        EXPECT_TRUE(TrustSet::load(Repository::image, bad).error().is(faults::broken_state)) << to_string(role);
    }
}

}  // namespace
}  // namespace pitstop::uptane
