// What time it is, as far as the Director's time server has attested it to this very ECU (Uptane 2.1.0 #verify_time,
// #check_time_primary; docs/formats/time.md).
//
//     send own nonce, fresh from the generator; receive a file
//     TRY(const UtcTime claimed, claimed_time(received))            // not to be believed, only to look for evidence
//     ENSURE(time.accept(received, director.root(), own, evidence)) // a refused file changes nothing
//     save(*time.known())                                           // before acting on it
//     … a cycle with newer metadata of the Director was accepted: time.confirm(evidence); save
//
// Time never goes back. More than time_jump_max after what was last confirmed, the time server alone is not believed:
// whoever holds its keys could make everything expire, in one jump or in many small ones. Then the Director's own
// metadata has to stand for that time as well. An ECU that never knew the time has nothing to jump from: give it one in
// the factory.
//
// Faults: base.*; uptane.too-large, wrong-role …, no-time-keys, those of check_signatures, nonce-missing, time-back,
// time-jump.
#pragma once

#include "core/uptane/envelope.h"
#include "core/uptane/signed_object.h"

#include <chrono>
#include <optional>
#include <span>
#include <vector>

namespace pitstop::uptane {

inline constexpr std::size_t attestation_nonces_max = 128;  // of a whole vehicle, or of many that ask together
inline constexpr std::size_t attestation_bytes_max = std::size_t{32} * 1024;  // 128 nonces and two pairs of signatures
inline constexpr std::size_t attestation_signatures_max = 4;
inline constexpr std::string_view attestation_type = "time";

// A car that stood in a garage for a year still gets its updates without help.
inline constexpr std::chrono::days time_jump_max{400};

struct TimeAttestation {
    UtcTime time;
    std::vector<Nonce> nonces;  // 1 to 128, rising
    bool operator==(const TimeAttestation&) const = default;
};
[[nodiscard]] json::Object to_json(const TimeAttestation& attestation);
[[nodiscard]] Result<TimeAttestation> read_time_attestation(const json::Object& body);

struct ReceivedTime {
    View file;
};

// The second source for a jump: a Timestamp or Targets of the Director that was accepted for the claimed time (in a
// copy of the TrustSet) and is newer than the one that was trusted before.
struct TimeEvidence {
    std::uint32_t version_before = 0;
    std::uint32_t version_now = 0;
    UtcTime expires = {};
};

[[nodiscard]] Result<UtcTime> claimed_time(ReceivedTime received);

struct KnownTime {
    UtcTime last;       // attested
    UtcTime confirmed;  // the last of them that a second source stood for, or the factory's
    bool operator==(const KnownTime&) const = default;
};

class AttestedTime {
public:
    // What was saved, or what the factory wrote; nothing: this ECU never knew the time.
    explicit AttestedTime(std::optional<KnownTime> known = {}) : known_(known) {}

    [[nodiscard]] Result<void> accept(ReceivedTime received, const Root& director_root, const Nonce& own,
                                      const std::optional<TimeEvidence>& evidence = {});
    // Counts where it stands for the time that was attested last; otherwise nothing happens.
    void confirm(const TimeEvidence& evidence);

    [[nodiscard]] const std::optional<KnownTime>& known() const { return known_; }

private:
    std::optional<KnownTime> known_;
};

}  // namespace pitstop::uptane
