#include "apps/gateway/trust.h"

#include "apps/gateway/faults.h"
#include "apps/gateway/test_site.h"
#include "core/uds/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/full.h"
#include "core/uptane/repository_on_the_desk.h"

namespace pitstop::gateway {
namespace {

using namespace test;
using uptane::Repository;
using uptane::Role;

const Vin vin = *Vin::parse("WPTSTP00000000001");

struct TrustTest : testing::Test {
    Site site;
    Folder folder;
    io::Loop loop;
    io::http::Client client{loop, site.client()};
    const UtcTime soon = loop.utc_now() + std::chrono::hours(1);
    const uptane::Root root = *uptane::make_root(keys(), {1, soon});
    const uptane::NamedTarget image = uptane::desk::for_ecu("HW/ECU_012.img", info(), "ECU_012");

    static uptane::RolePublicKeys keys() {
        uptane::RolePublicKeys keys = uptane::desk::public_keys();
        keys.time = uptane::desk::time_keys().public_keys();
        return keys;
    }
    static uptane::TargetInfo info() {
        uptane::TargetInfo info = uptane::desk::image("radio");
        info.hardware = {hardware};
        return info;
    }
    void SetUp() override {
        const Bytes file = *uptane::sign_root(root, uptane::desk::signers_of(Role::root));
        folder.write("root.json", file);
    }
    void publish(std::uint32_t version) {
        const uptane::NamedTarget plain{image.name, info()};
        put("repo", *uptane::make_targets(nullptr, std::span(&plain, 1), {version, soon}), version);
        put("director", *uptane::direct(vin, std::span(&image, 1), {version, soon}), version);
    }
    void put(const std::string& where, const uptane::Targets& targets, std::uint32_t version) {
        const auto files =
            *uptane::publish(root, targets, {{version, soon}, {version, soon}}, uptane::desk::role_signers());
        site.folder.write(where + "/" + uptane::file_name(Role::targets, version), files.targets);
        site.folder.write(where + "/" + uptane::file_name(Role::snapshot, version), files.snapshot);
        site.folder.write(where + "/" + uptane::file_name(Role::timestamp, version), files.timestamp);
    }
    Survey survey() const {
        return {{{{radio, hardware, {1, 0, 0}, "", "", "", {}, vehicle::Link::doip}, 1, true}}, {}};
    }
    // As after a restart: everything that is known comes from the disk.
    Result<std::vector<uptane::TrustedTarget>> cycle(Survey known) {
        Trust trust = make();
        return io::complete(loop, trust.cycle(std::move(known)));
    }
    Trust make() { return Trust(client, {folder / "root.json", folder / "root.json", folder.path()}, vin); }
};

TEST_F(TrustTest, BelievesWhatBothRepositoriesSay) {
    publish(1);
    const auto targets = cycle(survey());
    ASSERT_TRUE(targets) << targets.error().str();
    ASSERT_EQ(targets->size(), 1u);
    EXPECT_EQ(targets->front().sha256, info().sha256);
    EXPECT_TRUE(cycle(survey())) << "the same again is no roll-back";
}

TEST_F(TrustTest, NoticesOldFilesAlsoAfterARestart) {
    publish(1);
    const Bytes old_director = site.folder.read("director/timestamp.json");
    publish(2);
    ASSERT_TRUE(cycle(survey()));
    site.folder.write("director/timestamp.json", old_director);
    EXPECT_TRUE(cycle(survey()).error().is(uptane::faults::rolled_back));
}

TEST_F(TrustTest, WaitsForARepositoryThatIsNotThereYet) {
    EXPECT_TRUE(cycle(survey()).error().is(uptane::faults::not_published));
}

TEST_F(TrustTest, DoesNotTakeASilentEcuForAnAttack) {
    publish(1);
    const Survey silent{{}, {{radio, Error(uds::faults::no_answer)}}};
    EXPECT_TRUE(cycle(silent).error().is(uds::faults::no_answer));
    EXPECT_TRUE(cycle({}).error().is(uptane::faults::unknown_ecu)) << "an ECU that nobody knows is another matter";
}

TEST_F(TrustTest, BelievesNothingNewWithoutFreshTime) {
    publish(1);
    ASSERT_TRUE(cycle(survey()));
    site.now = site.now + std::chrono::days(-1);
    EXPECT_TRUE(cycle(survey()).error().is(uptane::faults::time_back));
    site.now = site.now + std::chrono::days(2);
    EXPECT_TRUE(cycle(survey()).error().is(uptane::faults::expired)) << "the attested time counts, not the clock";
    site.now = site.now + std::chrono::days(1000);
    EXPECT_TRUE(cycle(survey()).error().is(uptane::faults::expired)) << "what should stand for the jump has ended";
}

TEST_F(TrustTest, PacksWhatASecondaryHasToJudge) {
    publish(1);
    ASSERT_TRUE(cycle(survey()));
    Trust trust = make();
    const uptane::Nonce nonce{1, 2, 3};
    const Bytes time = *io::complete(loop, trust.ask_time({nonce}));
    const Bytes made = *uptane::sign_root(root, uptane::desk::signers_of(Role::root));
    auto verifier = *uptane::FullVerifier::from_factory(made, made, vin, site.now);
    verifier.begin(nonce);
    const std::vector<uptane::VehicleEcu> ecus{{radio, hardware, {}, 1}};
    const auto full = io::complete(loop, trust.bundles_for({{}, 1, 0, 1, flash::Verification::full}, time));
    ASSERT_TRUE(full) << full.error().str();
    const auto judged = verifier.judge(full->back(), ecus);
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_EQ(judged->size(), 1U);
    const auto partial = io::complete(loop, trust.bundles_for({{}, 1, 0, 0, flash::Verification::partial}, time));
    ASSERT_TRUE(partial) << partial.error().str();
    EXPECT_EQ(partial->size(), 1U);
}

}  // namespace
}  // namespace pitstop::gateway
