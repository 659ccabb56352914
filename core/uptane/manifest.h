// What a whole vehicle says of itself: every ECU's signed report, signed again by the Primary (Uptane 2.1.0
// #vehicle_version_manifest, #construct_manifest_primary; docs/formats/manifest.md).
//
// The gateway: put a Manifest together, add_report for each ECU that answered, sign(to_json(manifest), its signers).
// The server: judge_manifest with what it knew before (manifest_judge.h).
// Faults: base.*; uptane.wrong-role, wrong-spec-version, bad-member, too-many-reports, too-large.
#pragma once

#include "core/uptane/signed_object.h"

#include <map>
#include <set>
#include <string>

namespace pitstop::uptane {

// 100 reports with ML-DSA-65 beside ECDSA take 770 KiB. As large as any JSON document that the server takes.
inline constexpr std::size_t manifest_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t manifest_reports_max = 100;  // DESIGN §5: a vehicle has at most as many ECUs
inline constexpr std::size_t report_signatures_max = 4;   // two pairs while one follows the other

struct Manifest {
    Vin vin;
    std::uint64_t counter = 0;  // rises with every manifest, also after a power cut; at most counter_max
    UtcTime time = {};          // attested
    std::string primary = "VMG";
    AttackCode previous_attack = {};  // seen by the Primary itself
    std::uint32_t attacks = 0;
    std::map<EcuId, json::Value> reports;  // each ECU's report and signatures, not judged
    std::set<EcuId> missing;               // that did not answer

    // An ECU whose bytes could not even be read counts as missing, so that it does not hold up the others; the fault
    // is for the log.
    [[nodiscard]] Result<void> add_report(EcuId ecu, View packed);
};

[[nodiscard]] json::Object to_json(const Manifest& manifest);
[[nodiscard]] Result<Manifest> read_manifest(const json::Object& body);

inline constexpr std::string_view manifest_type = "vehicle-version-manifest";
inline constexpr std::string_view report_type = "ecu-version-report";

// From the `signed` part of a report.
[[nodiscard]] Result<VersionReport> read_version_report(const json::Object& body);

// What an ECU packed, as the document that stands in a manifest: {"signatures":[…],"signed":…}.
[[nodiscard]] Result<json::Value> unpack_report(View packed);

// For an ECU on Linux: written, signed by all of them, and packed. crypto.*
[[nodiscard]] Result<Bytes> sign_version_report(const VersionReport& report, std::span<crypto::Signer* const> signers);

}  // namespace pitstop::uptane
