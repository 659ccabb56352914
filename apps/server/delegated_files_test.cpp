#include "apps/server/delegated_files.h"
#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "core/uptane/faults.h"

namespace pitstop::server {
namespace {

using desk::Cloud;
using uptane::Role;

const UtcTime now = uptane::desk::now;

class DelegatedFiles : public testing::Test {
protected:
    // The top-level Targets have no image themselves; "supplier" may vouch for those of one hardware.
    [[nodiscard]] uptane::Targets delegating(std::uint32_t version) const {
        auto targets = *uptane::make_targets(nullptr, {}, {version, cloud_.expires()});
        uptane::Delegations delegations;
        uptane::Delegation supplier;
        supplier.role = "supplier";
        supplier.keys =
            uptane::role_keys(uptane::desk::new_keys().public_keys(), {}, uptane::Policy::hybrid, delegations.keys);
        supplier.paths = {"BRK-2/*"};
        delegations.roles.push_back(std::move(supplier));
        targets.delegations = std::move(delegations);
        return targets;
    }
    [[nodiscard]] Bytes supplied(std::uint32_t version, uptane::desk::KeyPair& signer) const {
        const auto target = Cloud::named(built_);
        const auto targets = *uptane::make_targets(nullptr, std::span(&target, 1), {version, cloud_.expires()});
        const auto signers = signer.signers();
        return *uptane::sign(uptane::to_json(targets), signers);
    }
    [[nodiscard]] uptane::Publication publication(std::uint32_t version, View supplier) const {
        return *uptane::publish(cloud_.image_root(), delegating(version),
                                {{version, cloud_.expires()},
                                 {version, cloud_.expires()},
                                 {{"supplier", uptane::info_of(version, supplier)}}},
                                uptane::desk::role_signers());
    }
    Result<Visibility> hand_in(std::uint32_t version, View supplier) {
        const auto files = publication(version, supplier);
        ENSURE(put("supplier", version, supplier));
        ENSURE(put("targets", version, files.targets));
        ENSURE(put("snapshot", version, files.snapshot));
        return cloud_.images->put("timestamp.json", files.timestamp, now);
    }
    Result<void> put(std::string_view role, std::uint32_t version, View file) {
        return cloud_.images->put(uptane::file_name(role, version), file, now).transform([](auto) {});
    }

    Cloud cloud_{now};
    desk::Built built_ = desk::build_package(now);
};

TEST_F(DelegatedFiles, AreJudgedAndServedWithWhatListsThem) {
    const Bytes file = supplied(1, uptane::desk::new_keys());
    EXPECT_TRUE(cloud_.images->target(desk::target_name).error().is(faults::not_published));
    ASSERT_EQ(hand_in(1, file), Visibility::visible);
    EXPECT_EQ(*cloud_.images->file("1.supplier.json"), text_of(file));
    EXPECT_EQ(cloud_.images->target(desk::target_name, desk::hardware)->info.version, (Version{1, 1, 0}));
    cloud_.open();
    EXPECT_TRUE(cloud_.images->target(desk::target_name)) << "after a restart";
    EXPECT_TRUE(cloud_.images->file("2.supplier.json").error().is(faults::unknown_file));
}

TEST_F(DelegatedFiles, AreInvisibleUntilTheTimestampLeadsToThem) {
    const Bytes file = supplied(1, uptane::desk::new_keys());
    ASSERT_EQ(cloud_.images->put("1.supplier.json", file, now), Visibility::waiting);
    EXPECT_TRUE(cloud_.images->file("1.supplier.json").error().is(faults::unknown_file));
    EXPECT_FALSE(cloud_.images->put("1.supplier.json", view_of("{}"), now));
}

TEST_F(DelegatedFiles, RefuseAPublicationWhoseDelegateDidNotSign) {
    const Bytes forged = supplied(1, uptane::desk::keys_of(Role::targets));
    EXPECT_TRUE(hand_in(1, forged).error().is(uptane::faults::classical_missing));
    EXPECT_TRUE(cloud_.images->file("timestamp.json").error().is(faults::unknown_file));
    EXPECT_EQ(hand_in(1, supplied(1, uptane::desk::new_keys())), Visibility::visible);
}

TEST_F(DelegatedFiles, RefuseAPublicationThatLacksAListedFile) {
    const Bytes file = supplied(1, uptane::desk::new_keys());
    const auto files = publication(1, file);
    ASSERT_TRUE(put("targets", 1, files.targets) && put("snapshot", 1, files.snapshot));
    EXPECT_TRUE(cloud_.images->put("timestamp.json", files.timestamp, now).error().is(faults::file_missing));
}

TEST_F(DelegatedFiles, TellWhatACarRuns) {
    ASSERT_EQ(hand_in(1, supplied(1, uptane::desk::new_keys())), Visibility::visible);
    vehicle::EcuReport report{
        desk::brake, desk::hardware, {1, 1, 0}, "", "", "", *Cloud::named(built_).info.sha256, vehicle::Link::doip};
    const auto known = cloud_.images->known_of({desk::car, now, {report}, {}});
    ASSERT_EQ(known.size(), 1U);
    EXPECT_EQ(known.front().release_counter, 5U);
    report.active_image.fill(9);
    EXPECT_TRUE(cloud_.images->known_of({desk::car, now, {report}, {}}).empty());
}

}  // namespace
}  // namespace pitstop::server
