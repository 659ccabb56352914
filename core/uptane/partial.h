// What a small ECU verifies by itself (Uptane 2.1.0 #partial_verification, extended as DESIGN §6 asks): that the
// Director, and not only the gateway, wants this image on this ECU, now. ECU profile.
//
//     PartialState state = *PartialState::open(storage, size);         // from flash::TrustArea
//     PartialVerifier verifier(state, crypto, room);
//     verifier.begin(nonce);                                           // 16 fresh random bytes, told to the gateway
//     … the bundle arrives in lent storage …
//     TRY(const Judgement judgement, verifier.judge(bundle, who));
//     ENSURE(area.save(state.bytes()));                                // before acting on it
//     … install judgement.image, whose size and SHA-256 flash::Slots checks, and nothing else …
//
// Checked, in this order: each Root is exactly one version higher and signed by the keys of the Root before it and by
// its own, each family by itself (#check_root); the time attestation is signed for the last Root, answers this ECU's
// nonce and does not go back (#verify_time); Root and Targets have not ended at that time; Targets are signed, not
// older than those trusted before, and unchanged where they have the same version (#check_targets); they name this
// vehicle, do not delegate, and have at most one image for this ECU, for its hardware, with both digests and no lower
// release counter. More than 400 days after the last confirmed time, only newer Targets that are valid at the new time
// can confirm it.
//
// A bundle without Targets may bring Roots and time alone, so a long chain can come in several bundles. Other files in
// it are for full verifiers and passed over. A refused bundle changes nothing: the next honest one is accepted.
//
// Faults: base.*; uptane.too-large, bad-bundle, those of partial_file.h, partial_root.h, partial_keys.h and
// partial_targets.h, rolled-back, wrong-version, same-version-changed, expired, no-fresh-time, no-time-keys,
// nonce-missing, time-back, time-jump, too-many-keys.
#pragma once

#include "core/uptane/bundle.h"
#include "core/uptane/partial_state.h"
#include "core/uptane/partial_targets.h"

#include <chrono>

namespace pitstop::uptane {

using Nonce = std::array<std::uint8_t, 16>;

inline constexpr std::size_t nonces_of_an_attestation_max = 128;  // attestation_nonces_max of attested_time.h
inline constexpr std::chrono::days unconfirmed_time_max{400};     // time_jump_max of attested_time.h

// Lent for a judgement, and free for anything else between two of them.
struct JudgeRoom {
    KeyRoom key;
    SignatureRoom signature;
};

struct Judgement {
    enum class Targets : std::uint8_t { not_in_bundle, accepted };
    Targets targets = Targets::not_in_bundle;
    std::optional<ApprovedImage> image = {};  // nothing: nothing for this ECU
};

class PartialVerifier {
public:
    PartialVerifier(PartialState& state, crypto::Verifier& crypto, JudgeRoom& room)
        : state_(state),
          crypto_(crypto),
          room_(room) {}

    // The state of a new ECU, in `storage`: the Root that the factory puts into it, signed by its own keys, and the
    // time of that, from which the attested time may not go back.
    static Result<PartialState> from_factory(Room storage, View root_file, UtcTime made_at, crypto::Verifier& crypto,
                                             JudgeRoom& room);

    // A new cycle. The nonce counts until the next one; without any, no time attestation is accepted.
    void begin(const Nonce& nonce) { nonce_ = nonce; }

    [[nodiscard]] Result<Judgement> judge(View bundle, const EcuIdentity& who);

private:
    struct Candidate;
    struct Files;

    [[nodiscard]] Result<Files> collect(View bundle) const;
    [[nodiscard]] Result<void> succeed(Candidate& next, View file);
    [[nodiscard]] Result<void> attest(Candidate& next, View file);
    [[nodiscard]] Result<void> accept_targets(Candidate& next, View file, const EcuIdentity& who);
    [[nodiscard]] Result<void> check_jump(Candidate& next) const;
    void keep(const Candidate& next);

    PartialState& state_;
    crypto::Verifier& crypto_;
    JudgeRoom& room_;
    std::optional<Nonce> nonce_;
};

}  // namespace pitstop::uptane
