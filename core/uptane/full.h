// What a full verifier other than the gateway believes: an Ethernet ECU or a zone, of the bundles that the gateway
// brings (Uptane 2.1.0 #full_verification, docs/formats/bundle.md).
//
//     FullVerifier verifier = *FullVerifier::load(saved, vin);         // or from_factory(…)
//     verifier.begin(nonce);                                           // 16 fresh random bytes, told to the gateway
//     TRY(const auto targets, verifier.judge(bundle, our_ecus));
//     ENSURE(save(verifier.save()));                                   // before acting on it
//
// Judged as by TrustSet, at the time that the bundle's attestation says: both root chains, the time with this nonce,
// the Director's Timestamp, Snapshot, Targets, the Image repository's and its delegated roles, and that both describe
// each image for one of `our_ecus` alike. A bundle is all or nothing; a refused one changes nothing.
//
// Faults: those of bundle.h, trust_set.h, match.h, attested_time.h; uptane.no-fresh-time, broken-state.
#pragma once

#include "core/uptane/attested_time.h"
#include "core/uptane/bundle.h"
#include "core/uptane/match.h"

#include <optional>
#include <span>
#include <vector>

namespace pitstop::uptane {

// A Timestamp that is newer than what was trusted before, as the second source for a jump in time.
[[nodiscard]] TimeEvidence evidence_between(const TrustSet& before, const TrustSet& after);

class FullVerifier {
public:
    // `made_at`: from which the attested time may not go back.
    static Result<FullVerifier> from_factory(View director_root, View image_root, const Vin& vin, UtcTime made_at);
    static Result<FullVerifier> load(View saved, const Vin& vin);  // uptane.broken-state
    [[nodiscard]] Bytes save() const;

    void begin(const Nonce& nonce) { nonce_ = nonce; }
    // In the order of ECU ids; images for other ECUs of the vehicle are passed over.
    [[nodiscard]] Result<std::vector<TrustedTarget>> judge(View bundle, std::span<const VehicleEcu> our_ecus);

    [[nodiscard]] std::uint32_t director_root_version() const { return director_.root().version; }
    [[nodiscard]] std::uint32_t image_root_version() const { return image_.root().version; }
    [[nodiscard]] std::uint32_t director_targets_version() const;  // 0: none yet
    [[nodiscard]] UtcTime attested() const { return time_.known()->last; }

private:
    struct Files;

    FullVerifier(Vin vin, TrustSet director, TrustSet image, AttestedTime time)
        : vin_(vin),
          director_(std::move(director)),
          image_(std::move(image)),
          time_(std::move(time)) {}

    [[nodiscard]] Result<Files> take_roots(View bundle);
    [[nodiscard]] Result<void> attest(const Files& files);
    [[nodiscard]] Result<void> accept_listed(const Files& files, UtcTime now);
    [[nodiscard]] Result<void> accept_delegated(const Files& files, std::span<const VehicleEcu> our_ecus);

    Vin vin_;
    TrustSet director_, image_;
    AttestedTime time_;
    std::optional<Nonce> nonce_;
    std::uint32_t targets_version_ = 0;
};

}  // namespace pitstop::uptane
