#include "core/uptane/full.h"

#include "core/uptane/cloud_on_the_desk.h"
#include "core/uptane/faults.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

const Nonce our_nonce{1, 2, 3}, other_nonce{3, 2, 1};
const HardwareId hardware = *HardwareId::parse("BRK-2");
const Bytes content{1, 2, 3, 4};

struct Full : testing::Test {
    desk::Cloud cloud{desk::car, desk::now};
    FullVerifier verifier =
        *FullVerifier::from_factory(cloud.director_root(), cloud.image_root(), desk::car, desk::earlier);
    const std::vector<VehicleEcu> ours{{desk::brake, hardware, {}, 1}};

    void SetUp() override {
        cloud.assign(desk::brake, hardware, content);
        verifier.begin(our_nonce);
    }
    Result<std::vector<TrustedTarget>> judge(View bundle) { return verifier.judge(bundle, ours); }
    // Refused, nothing remembered, and the next honest bundle is believed.
    void expect_refusal(const Fault& fault, View bundle) {
        const Bytes before = verifier.save();
        const auto judged = judge(bundle);
        ASSERT_FALSE(judged) << "accepted, expected was " << fault.code;
        EXPECT_TRUE(judged.error().is(fault)) << judged.error().str();
        EXPECT_EQ(text_of(verifier.save()), text_of(before));
        const auto honest = judge(cloud.full_bundle(our_nonce));
        ASSERT_TRUE(honest) << honest.error().str();
    }
};

TEST_F(Full, RefusesATimeThatDoesNotAnswerItsNonce) {
    expect_refusal(faults::nonce_missing, cloud.full_bundle(other_nonce));
}

TEST_F(Full, RefusesMetadataWithoutFreshTime) {
    const auto& files = cloud.director();
    expect_refusal(faults::no_fresh_time,
                   cloud.pack({{BundleRepository::director, BundleRole::timestamp, {}, files.timestamp}}));
}

TEST_F(Full, RefusesAnOlderDirectorAfterANewerOne) {
    const desk::Cloud before = cloud;
    cloud.assign(desk::brake, hardware, Bytes{5, 6}, 3);
    ASSERT_TRUE(judge(cloud.full_bundle(our_nonce)));
    expect_refusal(faults::rolled_back, before.full_bundle(our_nonce));
}

TEST_F(Full, RefusesAnotherVehiclesFiles) {
    desk::Cloud other(*Vin::parse("VIN00002"), desk::now);
    other.assign(desk::brake, hardware, content);
    other.assign(desk::brake, hardware, content, 3);
    expect_refusal(faults::wrong_vin, other.full_bundle(our_nonce));
}

TEST_F(Full, RefusesARootBehindWhatItShouldJudgeAndARoleThatStandsTwice) {
    const Bytes time = cloud.time_file(our_nonce), root = cloud.director_root();
    const BundleFile attestation{BundleRepository::time, BundleRole::time_attestation, {}, time};
    expect_refusal(faults::bad_bundle,
                   cloud.pack({attestation, {BundleRepository::director, BundleRole::root, {}, root}}));
    expect_refusal(faults::bad_bundle, cloud.pack({attestation, attestation}));
}

TEST_F(Full, RefusesAnImageForOtherHardware) {
    const std::vector<VehicleEcu> others{{desk::brake, *HardwareId::parse("BRK-9"), {}, 1}};
    EXPECT_TRUE(verifier.judge(cloud.full_bundle(our_nonce), others).error().is(faults::wrong_hardware));
}

TEST_F(Full, RefusesAJumpInTimeUnlessTheDirectorStandsForIt) {
    ASSERT_TRUE(judge(cloud.full_bundle(our_nonce)));
    desk::Cloud later(desk::car, desk::now + std::chrono::days(500));
    expect_refusal(faults::time_jump, [&] {  // the time alone has jumped
        const Bytes time = later.time_file(our_nonce);
        const auto &director = cloud.director(), &image = cloud.image_repository();
        return cloud.pack({{BundleRepository::time, BundleRole::time_attestation, {}, time},
                           {BundleRepository::director, BundleRole::timestamp, {}, director.timestamp},
                           {BundleRepository::image, BundleRole::timestamp, {}, image.timestamp}});
    }());
    for (std::uint32_t version = 2; version < 6; ++version) later.assign(desk::brake, hardware, content, version);
    const auto judged = judge(later.full_bundle(our_nonce));
    EXPECT_TRUE(judged) << judged.error().str();
}

TEST_F(Full, RefusesAStateThatItCannotRead) {
    const Bytes saved = verifier.save();
    EXPECT_TRUE(FullVerifier::load(View(saved).first(saved.size() / 2), desk::car).error().is(faults::broken_state));
    EXPECT_TRUE(FullVerifier::load(view_of("{}"), desk::car).error().is(faults::broken_state));
}

TEST_F(Full, KeepsWhatItTrustsOverARestart) {
    const desk::Cloud before = cloud;
    cloud.assign(desk::brake, hardware, Bytes{5, 6}, 3);
    ASSERT_TRUE(judge(cloud.full_bundle(our_nonce)));
    verifier = *FullVerifier::load(verifier.save(), desk::car);
    EXPECT_EQ(verifier.attested(), desk::now);
    EXPECT_EQ(verifier.director_root_version(), 1U);
    EXPECT_EQ(verifier.image_root_version(), 1U);
    EXPECT_EQ(verifier.director_targets_version(), cloud.director().targets_version);
    EXPECT_TRUE(judge(cloud.full_bundle(our_nonce)).error().is(faults::nonce_missing)) << "a nonce is not kept";
    verifier.begin(our_nonce);
    EXPECT_TRUE(judge(before.full_bundle(our_nonce)).error().is(faults::rolled_back));
    EXPECT_TRUE(judge(cloud.full_bundle(our_nonce)));
}

TEST_F(Full, SaysWhatItsEcusShallInstallAndPassesOverTheOthers) {
    cloud.assign(desk::window, *HardwareId::parse("WIN-1"), Bytes{9});
    const auto judged = judge(cloud.full_bundle(our_nonce));
    ASSERT_TRUE(judged) << judged.error().str();
    ASSERT_EQ(judged->size(), 1U);
    EXPECT_EQ(judged->front().sha256, crypto::sha256(content));
    cloud.forget_assignments();
    EXPECT_TRUE(judge(cloud.full_bundle(our_nonce))->empty());
}

}  // namespace
}  // namespace pitstop::uptane
