// The walk through delegations on real signed files: who may speak for a target, in which order, and by whose keys.
#include "core/uptane/faults.h"
#include "core/uptane/match.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

KeyPair& supplier_keys(const std::string& role) {
    static std::map<std::string, KeyPair> pairs;  // made once for all tests
    return pairs[role];
}

// A repository of named roles; "targets" is the top. Delegations are added by delegate().
struct Tree {
    std::map<std::string, Targets> roles;
    std::map<std::string, Bytes> files;
    Publication top;

    Targets& operator[](const std::string& role) {
        return roles.try_emplace(role, Targets{1, later, {}, {}, {}}).first->second;
    }
    void holds(const std::string& role, std::string_view name, std::string_view content) {
        (*this)[role].targets.emplace(*TargetName::parse(name), image(content));
    }
    Delegation& delegate(const std::string& from, const std::string& to, std::string pattern, KeyPair* keys = nullptr) {
        auto& delegations = (*this)[from].delegations;
        if (!delegations) delegations.emplace();
        Delegation delegation;
        delegation.role = to;
        delegation.paths = {std::move(pattern)};
        delegation.keys =
            role_keys((keys ? *keys : supplier_keys(to)).public_keys(), {}, Policy::hybrid, delegations->keys);
        static_cast<void>((*this)[to]);
        delegations->roles.push_back(std::move(delegation));
        return delegations->roles.back();
    }
    TrustSet publish(std::uint32_t version = 1) {
        PublicationPlan plan{{version, later}, {version, later}, {}};
        for (auto& [name, role] : roles) {
            if (name == "targets") continue;
            files[name] = *sign(to_json(role), supplier_keys(name).signers());
            plan.delegated.emplace(name, info_of(role.version, files[name]));
        }
        top = *uptane::publish(root(), roles.at("targets"), plan, role_signers());
        TrustSet set = trust();
        EXPECT_TRUE(desk::accept(set, top));
        return set;
    }
};

// Fetches whatever the search asks for. The names of the asked-for roles, in order, come back in `asked`.
Result<const TargetInfo*> found(TrustSet& set, const Tree& tree, std::string_view name,
                                std::vector<std::string>* asked = nullptr, std::optional<HardwareId> hardware = {}) {
    const TargetPath path = *TargetPath::parse(name);
    for (;;) {
        TRY(const Lookup lookup, set.look_up(path, hardware));
        if (!lookup.needed) return lookup.found;
        if (asked) asked->push_back(lookup.needed->role());
        ENSURE(set.accept_delegated(ReceivedTargets{tree.files.at(lookup.needed->role())}, *lookup.needed, now));
    }
}

TEST(LookUp, GoesThroughTheRolesInTheirOrderAndDepthFirst) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.delegate("targets", "b", "*");
    tree.delegate("a", "c", "*");
    tree.holds("b", "x.img", "of b");
    TrustSet set = tree.publish();
    std::vector<std::string> asked;
    const auto info = found(set, tree, "x.img", &asked);
    ASSERT_TRUE(info) << info.error().str();
    EXPECT_EQ((*info)->sha256, image("of b").sha256);
    EXPECT_EQ(asked, (std::vector<std::string>{"a", "c", "b"}));
    asked.clear();
    EXPECT_EQ(*found(set, tree, "y.img", &asked), nullptr);
    EXPECT_TRUE(asked.empty());  // all of them are accepted already
}

TEST(LookUp, BelievesTheFirstRoleThatKnowsTheTarget) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.delegate("targets", "b", "*");
    tree.holds("a", "x.img", "of a");
    tree.holds("b", "x.img", "of b");
    TrustSet set = tree.publish();
    EXPECT_EQ((*found(set, tree, "x.img"))->sha256, image("of a").sha256);
}

TEST(LookUp, EndsAtATerminatingRole) {
    Tree tree;
    tree.delegate("targets", "a", "*").terminating = Terminating::yes;
    tree.delegate("targets", "b", "*");
    tree.holds("b", "x.img", "of b");
    TrustSet set = tree.publish();
    std::vector<std::string> asked;
    EXPECT_EQ(*found(set, tree, "x.img", &asked), nullptr);
    EXPECT_EQ(asked, (std::vector<std::string>{"a"}));
}

TEST(LookUp, AsksNobodyWhoIsNotResponsible) {
    Tree tree;
    tree.delegate("targets", "a", "SUP-A/*");
    tree.delegate("targets", "brakes", "*").hardware = {*HardwareId::parse("BRK-2")};
    tree.holds("brakes", "x.img", "brake");
    TrustSet set = tree.publish();
    std::vector<std::string> asked;
    EXPECT_EQ(*found(set, tree, "x.img", &asked, *HardwareId::parse("RADIO-1")), nullptr);
    EXPECT_TRUE(asked.empty());
    EXPECT_NE(*found(set, tree, "x.img", &asked, *HardwareId::parse("BRK-2")), nullptr);
}

TEST(LookUp, SurvivesDelegationsInACircle) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.delegate("a", "b", "*");
    tree.delegate("b", "a", "*");
    TrustSet set = tree.publish();
    EXPECT_EQ(*found(set, tree, "x.img"), nullptr);
}

TEST(LookUp, GivesUpAfterTooManyRoles) {
    Tree tree;
    for (int i = 0; i < 40; ++i)
        tree.delegate(i == 0 ? "targets" : "r" + std::to_string(i - 1), "r" + std::to_string(i), "*",
                      &supplier_keys("r"));
    Rules narrow;
    narrow.roles_per_search_max = 2;
    for (auto& [name, role] : tree.roles)
        if (name != "targets") tree.files[name] = *sign(to_json(role), supplier_keys("r").signers());
    PublicationPlan plan{{1, later}, {1, later}, {}};
    for (const auto& [name, file] : tree.files) plan.delegated.emplace(name, info_of(1, file));
    const Publication top = *publish(root(), tree["targets"], plan, role_signers());
    TrustSet set = *TrustSet::from_root(Repository::image, ReceivedRoot{root_file()}, narrow);
    ASSERT_TRUE(accept(set, top));
    EXPECT_TRUE(found(set, tree, "x.img").error().is(faults::search_too_long));
}

// Both a and b delegate to c, with different keys; c's file is signed for b only.
TEST(LookUp, JudgesARoleByTheDelegatorThatLedToIt) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.delegate("targets", "b", "*");
    tree.delegate("a", "c", "*", &new_keys());
    tree.delegate("b", "c", "*");
    tree.holds("c", "x.img", "of c");
    TrustSet set = tree.publish();
    EXPECT_TRUE(found(set, tree, "x.img").error().is(faults::classical_missing));

    Tree honest;
    honest.delegate("targets", "b", "*");
    honest.delegate("b", "c", "*");
    honest.holds("c", "x.img", "of c");
    TrustSet other = honest.publish();
    EXPECT_NE(*found(other, honest, "x.img"), nullptr);
}

TEST(LookUp, AcceptsNothingThatNobodyDelegatedTo) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    TrustSet set = tree.publish();
    const Bytes& file = tree.files.at("a");
    for (const Chain& chain : {Chain{"targets"}, Chain{"targets", "b"}, Chain{"targets", "b", "a"}, Chain{"a"}})
        EXPECT_TRUE(set.accept_delegated(ReceivedTargets{file}, {chain, {}}, now).error().is(faults::out_of_order));
    set.start_cycle();
    EXPECT_TRUE(set.look_up(*TargetPath::parse("x"), {}).error().is(faults::out_of_order));
}

TEST(LookUp, RefusesARoleThatSnapshotDoesNotList) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, *publish(root(), tree["targets"], {{1, later}, {1, later}, {}}, role_signers())));
    EXPECT_TRUE(set.look_up(*TargetPath::parse("x.img"), {}).error().is(faults::not_in_snapshot));
}

TEST(LookUp, RefusesADelegatedFileThatIsOldAlteredOrOfAnotherVersion) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.holds("a", "x.img", "of a");
    tree["a"].expires = earlier;
    TrustSet set = tree.publish();
    EXPECT_TRUE(found(set, tree, "x.img").error().is(faults::expired));
    tree["a"].expires = later;
    set = tree.publish(2);
    Tree altered_tree = tree;
    altered_tree.files["a"].back() ^= 1;
    EXPECT_TRUE(found(set, altered_tree, "x.img").error().is(faults::wrong_hash));
    altered_tree.files["a"] = *sign(to_json(altered_tree["a"]), supplier_keys("a").signers());
    EXPECT_FALSE(found(set, altered_tree, "x.img"));
    EXPECT_NE(*found(set, tree, "x.img"), nullptr);
}

TEST(LookUp, FindsATargetInItsHashBin) {
    Tree tree;
    auto& delegations = tree["targets"].delegations.emplace();
    delegations.bins =
        HashBins{"bins", 2, role_keys(supplier_keys("bins").public_keys(), {}, Policy::hybrid, delegations.keys)};
    const std::string bin = bin_of(*delegations.bins, "x.img");
    tree.holds(bin, "x.img", "in its bin");
    tree.files[bin] = *sign(to_json(tree[bin]), supplier_keys("bins").signers());
    PublicationPlan plan{{1, later}, {1, later}, {{bin, info_of(1, tree.files[bin])}}};
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, *publish(root(), tree["targets"], plan, role_signers())));
    EXPECT_EQ((*found(set, tree, "x.img"))->sha256, image("in its bin").sha256);
}

TEST(Snapshot, MayNotDropOrLowerADelegation) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree["a"].version = 4;
    TrustSet set = tree.publish(4);
    const auto next = [&](const std::map<std::string, FileInfo>& delegated) {
        PublicationPlan plan{{5, later}, {5, later}, delegated};
        TrustSet again = set;
        return accept(again, *publish(root(), tree["targets"], plan, role_signers()));
    };
    EXPECT_TRUE(next({}).error().is(faults::same_version_changed) || next({}).error().is(faults::entry_dropped));
    tree["targets"].version = 2;
    EXPECT_TRUE(next({}).error().is(faults::entry_dropped));
    EXPECT_TRUE(next({{"a", info_of(3, tree.files["a"])}}).error().is(faults::rolled_back));
    EXPECT_TRUE(next({{"a", info_of(4, tree.files["targets"])}}).error().is(faults::same_version_changed));
    EXPECT_TRUE(next({{"a", info_of(4, tree.files["a"])}}));
}

TEST(TrustSet, RemembersDelegatedFilesAcrossARestart) {
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.holds("a", "x.img", "of a");
    TrustSet set = tree.publish();
    ASSERT_TRUE(found(set, tree, "x.img"));
    auto loaded = TrustSet::load(Repository::image, set.save());
    ASSERT_TRUE(loaded) << loaded.error().str();
    EXPECT_TRUE(std::ranges::equal(loaded->remembered("a"), tree.files["a"]));
    EXPECT_TRUE(loaded->look_up(*TargetPath::parse("x.img"), {}).error().is(faults::out_of_order));
}

TEST(Match, FollowsDelegationsAndNeedsThemAccepted) {
    const Vin vin = *Vin::parse("VIN01");
    const std::vector<VehicleEcu> ecus{{*EcuId::parse("ECU_011"), *HardwareId::parse("BRK-2"), {1, 0, 0, 0}, 4}};
    Tree tree;
    tree.delegate("targets", "a", "*");
    tree.holds("a", "x.img", "brake");
    TrustSet images = tree.publish();
    TrustSet director = trust(Repository::director);
    const NamedTarget one = for_ecu("x.img", image("brake"), "ECU_011");
    ASSERT_TRUE(accept(director, published(*direct(vin, std::span(&one, 1), {1, later}), 1)));
    EXPECT_TRUE(match(vin, ecus, director, images).error().is(faults::out_of_order));
    ASSERT_TRUE(found(images, tree, "x.img"));
    const auto matched = match(vin, ecus, director, images);
    ASSERT_TRUE(matched) << matched.error().str();
    EXPECT_EQ(matched->at(0).sha256, *image("brake").sha256);
}

}  // namespace
}  // namespace pitstop::uptane
