// Whether to believe a vehicle's manifest, and what it says that is new: a pure function of the bytes and of what the
// server knew before (Uptane 2.1.0 #director_repository: check the manifest against the inventory).
//
// A fault means the whole of it is refused and nothing is to be kept. Otherwise each ECU is judged by itself: one that
// is dead, unsigned or hostile never holds up the others. Keep `after` before the answer is sent.
// Faults of the whole: base.*; uptane.too-large, wrong-role …; unregistered, foreign-key, family-missing,
// wrong-reporter, counter-back, counter-reused, time-back, time-ahead, too-many-reports. Of one ECU: the same.
#pragma once

#include "core/uptane/manifest.h"
#include "core/uptane/registered_keys.h"

#include <chrono>
#include <optional>
#include <vector>

namespace pitstop::uptane {

struct ReceivedManifest {
    View file;
};

// A vehicle's clock follows attested time; what is further ahead than this is no drift.
inline constexpr std::chrono::seconds time_ahead_max = std::chrono::hours(1);

// Of the last message of one sender that was accepted.
struct SenderState {
    std::uint64_t counter = 0;
    Sha256Digest sha256{};  // of the canonical text
    std::uint32_t attacks = 0;
    bool operator==(const SenderState&) const = default;
};

struct ReportHistory {
    std::optional<SenderState> primary;
    UtcTime time = {};
    std::map<EcuId, SenderState> ecus;

    // A sender none of whose keys stayed is another one: its counter begins anew.
    void forget_replaced(const RegisteredKeys& before, const RegisteredKeys& now);
    bool operator==(const ReportHistory&) const = default;
};
[[nodiscard]] json::Object to_json(const ReportHistory& history);
[[nodiscard]] Result<ReportHistory> report_history_from_json(const json::Object& from);

struct KnownVehicle {
    Vin vin;  // that the connection proved
    RegisteredKeys keys;
    ReportHistory before;
    std::map<EcuId, HardwareId> hardware;  // as far as an inventory named it
};

enum class Verdict : std::uint8_t {
    accepted,
    repeated,  // the same as before, with the same counter: an ECU that was asleep, a message that was sent twice
    refused,
    missing,  // did not answer, or the Primary leaves it out
};
[[nodiscard]] std::string_view to_string(Verdict verdict);

struct JudgedEcu {
    EcuId ecu;
    Verdict verdict = Verdict::missing;
    std::optional<VersionReport> report = {};  // accepted, repeated
    std::optional<Error> fault = {};           // refused
};

// Attacks that a sender has refused since its report before.
struct AttackReport {
    std::optional<EcuId> ecu;  // nothing: the Primary
    AttackCode code = {};      // the last of them
    std::uint32_t count = 0;
};

struct JudgedManifest {
    Verdict verdict = Verdict::accepted;  // or repeated: nothing below is new, `after` is what it was
    ReportHistory after = {};
    std::uint64_t counter = 0;
    UtcTime time = {};
    std::vector<JudgedEcu> ecus = {};  // every registered or reporting ECU once, in the order of their ids
    std::vector<AttackReport> attacks = {};
};

[[nodiscard]] Result<JudgedManifest> judge_manifest(ReceivedManifest received, const KnownVehicle& known, UtcTime now);

}  // namespace pitstop::uptane
