#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

std::vector<crypto::Signer*> old_and_new() {
    std::vector<crypto::Signer*> all = signers_of(Role::root);
    for (crypto::Signer* signer : new_keys().signers()) all.push_back(signer);
    return all;
}

Root with_new_root_keys(std::uint32_t version) {
    RolePublicKeys keys = public_keys();
    keys.root = new_keys().public_keys();
    return *make_root(keys, {version, later});
}

TEST(Succeed, RefusesARootThatOnlyItsOwnKeysSigned) {
    const Bytes next = *sign_root(with_new_root_keys(2), new_keys().signers());
    EXPECT_TRUE(trust().succeed(ReceivedRoot{next}).error().is(faults::classical_missing));
}

TEST(Succeed, RefusesARootThatOnlyTheOldKeysSigned) {
    const Bytes next = *sign(to_json(with_new_root_keys(2)), signers_of(Role::root));
    EXPECT_TRUE(trust().succeed(ReceivedRoot{next}).error().is(faults::classical_missing));
}

TEST(Succeed, RefusesARootThatOneOldFamilyDidNotSign) {
    for (const std::size_t left_out : {0, 1}) {
        std::vector<crypto::Signer*> signers = old_and_new();
        signers.erase(signers.begin() + static_cast<std::ptrdiff_t>(left_out));
        const auto refused = trust().succeed(ReceivedRoot{*sign_root(with_new_root_keys(2), signers)});
        ASSERT_FALSE(refused);
        EXPECT_TRUE(refused.error().is(left_out == 0 ? faults::classical_missing : faults::post_quantum_missing));
    }
}

TEST(Succeed, RefusesAnyVersionButTheNext) {
    TrustSet set = *TrustSet::from_root(Repository::image, ReceivedRoot{root_file(5)});
    EXPECT_TRUE(set.succeed(ReceivedRoot{root_file(4)}).error().is(faults::rolled_back));
    EXPECT_TRUE(set.succeed(ReceivedRoot{root_file(5)}).error().is(faults::wrong_version));
    EXPECT_TRUE(set.succeed(ReceivedRoot{root_file(7)}).error().is(faults::wrong_version));
    EXPECT_EQ(set.root().version, 5U);
    EXPECT_TRUE(set.succeed(ReceivedRoot{root_file(6)}));
    EXPECT_EQ(set.root().version, 6U);
}

TEST(Succeed, EndsAChainThatNeverEnds) {
    TrustSet set = *TrustSet::from_root(Repository::image, ReceivedRoot{root_file(1)}, {.roots_per_cycle_max = 2});
    ASSERT_TRUE(set.succeed(ReceivedRoot{root_file(2)}));
    ASSERT_TRUE(set.succeed(ReceivedRoot{root_file(3)}));
    EXPECT_TRUE(set.succeed(ReceivedRoot{root_file(4)}).error().is(faults::too_many_roots));
    set.start_cycle();
    EXPECT_TRUE(set.succeed(ReceivedRoot{root_file(4)}));
}

TEST(Succeed, TakesNewRootKeysThatOldAndNewVouchFor) {
    TrustSet set = trust();
    ASSERT_TRUE(set.succeed(ReceivedRoot{*sign_root(with_new_root_keys(2), old_and_new())}));
    EXPECT_TRUE(set.succeed(ReceivedRoot{*sign(to_json(root(3)), signers_of(Role::root))})
                    .error()
                    .is(faults::classical_missing));
    EXPECT_TRUE(accept(set, published(image_targets(), 1)));
}

TEST(Succeed, EndsTheCycleOfTheRootBefore) {
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, published(image_targets(), 1)));
    ASSERT_TRUE(set.succeed(ReceivedRoot{root_file(2)}));
    EXPECT_EQ(set.timestamp(), nullptr);
    EXPECT_EQ(set.targets(), nullptr);
}

// With the old Snapshot gone nothing else says how old Targets may be.
TEST(Succeed, ForgetsTargetsWithTheSnapshotKeysThatListedThem) {
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, published(image_targets(4'000'000'000), 2)));
    RolePublicKeys keys = public_keys();
    keys.snapshot = new_keys().public_keys();
    const Root next = *make_root(keys, {2, later});
    ASSERT_TRUE(set.succeed(ReceivedRoot{*sign_root(next, signers_of(Role::root))}));
    EXPECT_TRUE(set.remembered(Role::targets).empty());
    RoleSigners signers = role_signers();
    signers.snapshot = new_keys().signers();
    EXPECT_TRUE(accept(set, *publish(next, image_targets(3), {{3, later}, {3, later}}, signers)));
}

// Who stole the timestamp key signed version 4 000 000 000; new keys must let the vehicle start afresh.
TEST(Succeed, ForgetsWhatKeysSignedThatAreNoLongerTrusted) {
    TrustSet set = trust();
    ASSERT_TRUE(accept(
        set, *publish(root(), image_targets(2), {{4'000'000'000, later}, {4'000'000'000, later}}, role_signers())));
    RolePublicKeys keys = public_keys();
    keys.timestamp = new_keys().public_keys();
    const Root next = *make_root(keys, {2, later});
    ASSERT_TRUE(set.succeed(ReceivedRoot{*sign_root(next, signers_of(Role::root))}));
    EXPECT_TRUE(set.remembered(Role::timestamp).empty());
    EXPECT_TRUE(set.remembered(Role::snapshot).empty());
    EXPECT_FALSE(set.remembered(Role::targets).empty());

    RoleSigners signers = role_signers();
    signers.timestamp = new_keys().signers();
    EXPECT_TRUE(accept(set, *publish(next, image_targets(3), {{3, later}, {3, later}}, signers)));
    EXPECT_TRUE(TrustSet::load(Repository::image, set.save()));
}

// The old keys could still sign for an older file, so nothing is forgotten.
TEST(Succeed, RemembersWhereKeysWereOnlyAdded) {
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, published(image_targets(5), 5)));
    RolePublicKeys keys = public_keys();
    for (std::vector<crypto::PublicKey>* role : {&keys.timestamp, &keys.snapshot, &keys.targets})
        for (const crypto::PublicKey& key : new_keys().public_keys()) role->push_back(key);
    ASSERT_TRUE(set.succeed(ReceivedRoot{*sign_root(*make_root(keys, {2, later}), signers_of(Role::root))}));
    EXPECT_TRUE(accept(set, published(image_targets(4), 4)).error().is(faults::rolled_back));
    EXPECT_TRUE(accept(set, published(image_targets(6), 6)));
}

TEST(Succeed, RemembersWhereKeysStayedTheSame) {
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, published(image_targets(5), 5)));
    ASSERT_TRUE(set.succeed(ReceivedRoot{root_file(2)}));
    EXPECT_TRUE(accept(set, published(image_targets(4), 4)).error().is(faults::rolled_back));
}

}  // namespace
}  // namespace pitstop::uptane
