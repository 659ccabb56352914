// What the server's own writers write is what a small ECU reads, with the keys of the default suite.
#include "core/crypto/openssl_verifier.h"
#include "core/uptane/bundle_writer.h"
#include "core/uptane/fleet_on_the_desk.h"
#include "core/uptane/partial.h"

#include <gtest/gtest.h>

#include <memory>

namespace pitstop::uptane {
namespace {

const Nonce nonce{7};

Bytes bundle_of(View root, View time, View targets) {
    std::vector<BundleFile> files;
    if (!root.empty()) files.push_back({BundleRepository::director, BundleRole::root, "", root});
    files.push_back({BundleRepository::time, BundleRole::time_attestation, "", time});
    files.push_back({BundleRepository::director, BundleRole::targets, "", targets});
    return *write_bundle(files, partial_bundle_size_bytes_max);
}

Bytes root_file(std::uint32_t version) {
    Root root = desk::root_with_time();
    root.version = version;
    return *sign_root(root, desk::signers_of(Role::root));
}

TEST(SmallEcusReading, ReadsWhatTheServerWrites) {
    crypto::OpenSslVerifier crypto;
    const auto room = std::make_unique<JudgeRoom>();
    Bytes storage(PartialState::storage_bytes_usual);
    auto state = PartialVerifier::from_factory(storage, root_file(1), desk::earlier, crypto, *room);
    ASSERT_TRUE(state) << state.error().str();
    EXPECT_EQ(state->bytes().size(), 84U + 6 * 10 + 3 * (1 + 91 + 1 + 1974));
    PartialVerifier verifier(*state, crypto, *room);
    verifier.begin(nonce);

    const Vin vin = *Vin::parse("VIN00001");
    const NamedTarget assigned = desk::for_ecu("BRK-2/ECU_011-1.1.0.img", desk::image("brake"), "ECU_011");
    const Targets targets = *direct(vin, std::span(&assigned, 1), {1, desk::later});
    const Bytes targets_file = desk::signed_as(Role::targets, to_json(targets));
    const Bytes time_file = *sign(to_json(TimeAttestation{desk::now, {nonce}}), desk::time_keys().signers());
    const EcuIdentity who{vin, *EcuId::parse("ECU_011"), *HardwareId::parse("BRK-2"), 0};
    const auto judged = verifier.judge(bundle_of(root_file(2), time_file, targets_file), who);
    ASSERT_TRUE(judged) << judged.error().str();
    ASSERT_TRUE(judged->image);
    EXPECT_EQ(judged->image->sha256, crypto::sha256(view_of("brake")));
    EXPECT_EQ(judged->image->size_bytes, 5U);
    EXPECT_EQ(judged->image->version, (Version{1, 1, 0, 0}));
    EXPECT_EQ(judged->image->release_counter, 5U);
    EXPECT_EQ(state->root_version(), 2U);
}

TEST(SmallEcusReading, SharesTheNumbersOfTheFullVerifier) {
    static_assert(file_signatures_max == signatures_max);
    static_assert(time_file_signatures_max == attestation_signatures_max);
    static_assert(keys_of_a_role_max == role_keys_max && keyid_characters_max == keyid_size_bytes_max);
    static_assert(nonces_of_an_attestation_max == attestation_nonces_max);
    static_assert(unconfirmed_time_max == time_jump_max);
    static_assert(json_text::levels_max == json::depth_max);
    SUCCEED();
}

}  // namespace
}  // namespace pitstop::uptane
