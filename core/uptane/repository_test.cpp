#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

TEST(Repository, RefusesAVersionThatDoesNotRise) {
    const Targets before = image_targets(4);
    EXPECT_TRUE(make_targets(&before, {}, {4, later}).error().is(faults::version_not_higher));
    EXPECT_TRUE(make_targets(&before, {}, {3, later}).error().is(faults::version_not_higher));
    EXPECT_TRUE(make_targets(&before, {}, {5, later}));
}

TEST(Repository, RefusesToChangeAPublishedImage) {
    const Targets before = image_targets(1);
    const NamedTarget changed = named("BRK-2/ECU_011-1.1.0.img", image("other"));
    EXPECT_TRUE(make_targets(&before, std::span(&changed, 1), {2, later}).error().is(faults::target_changed));
}

TEST(Repository, KeepsWhatWasPublishedBefore) {
    const Targets before = image_targets(1);
    const std::vector<NamedTarget> additions{named("BRK-2/ECU_011-1.2.0.img", image("newer", "1.2.0", 6)),
                                             named("BRK-2/ECU_011-1.1.0.img", image("brake"))};
    EXPECT_EQ(make_targets(&before, additions, {2, later})->targets.size(), 2U);
}

TEST(Repository, RefusesTwoImagesForOneEcuAndImagesForNobody) {
    const Vin vin = *Vin::parse("VIN01");
    const std::vector<NamedTarget> twice{for_ecu("a.img", image("a"), "ECU_011"),
                                         for_ecu("b.img", image("b"), "ECU_011")};
    EXPECT_TRUE(direct(vin, twice, {1, later}).error().is(faults::duplicate_ecu));
    const std::vector<NamedTarget> same_name{for_ecu("a.img", image("a"), "ECU_011"),
                                             for_ecu("a.img", image("a"), "ECU_012")};
    EXPECT_TRUE(direct(vin, same_name, {1, later}).error().is(faults::bad_member));
    const std::vector<NamedTarget> nobody{named("a.img", image("a"))};
    EXPECT_TRUE(direct(vin, nobody, {1, later}).error().is(faults::bad_member));
}

TEST(Repository, RefusesARootInWhichARoleLacksAFamily) {
    RolePublicKeys keys = public_keys();
    keys.snapshot.pop_back();
    EXPECT_TRUE(make_root(keys, {1, later}).error().is(faults::bad_threshold));
}

TEST(Repository, LetsNothingOutThatItsRootWouldNotAccept) {
    RoleSigners signers = role_signers();
    signers.snapshot = signers_of(Role::timestamp);
    EXPECT_TRUE(
        publish(root(), image_targets(), {{1, later}, {1, later}}, signers).error().is(faults::classical_missing));
    EXPECT_FALSE(sign_root(root(), signers_of(Role::targets)));
}

TEST(Repository, PublishesWhatAVehicleAccepts) {
    const Publication files = published(image_targets(3), 7);
    EXPECT_EQ(files.targets_version, 3U);
    EXPECT_EQ(files.snapshot_version, 7U);
    TrustSet set = trust();
    ASSERT_TRUE(accept(set, files));
    EXPECT_EQ(set.targets()->version, 3U);
    EXPECT_EQ(set.snapshot()->targets().version, 3U);
    EXPECT_EQ(set.timestamp()->version, 7U);
}

}  // namespace
}  // namespace pitstop::uptane
