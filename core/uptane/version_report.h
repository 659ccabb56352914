// What one ECU says of itself, signed with its own keys: which image it runs and which attacks it has refused
// (Uptane 2.1.0 #version_report, #create_version_report; docs/formats/manifest.md).
//
// ECU profile: values and writers without heap, files, clocks. An ECU calls write_version_report, lets its keys sign
// the text (uptane::signed_message says what each kind signs; an ECU without that room signs the text itself with ECDSA
// or Ed25519, and "tuf" ‖ 0x01 ‖ SHA-512 of it with ML-DSA), and puts both together with pack_report. The text has its
// members in order, no white space and no escapes, so it is its own canonical JSON. Around it there is none: a slow bus
// would carry every byte of a signature twice.
//
// Bring a counter that is higher than in any report before, also after a power cut: a lower one is refused by the
// server, the same one is taken as a repetition. Faults: uptane.bad-member, report-too-long.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <array>
#include <span>

namespace pitstop::uptane {

using Nonce = std::array<std::uint8_t, 16>;

// The code of a fault: lower-case letters, digits, '.', '-'. Empty: no attack was seen.
using AttackCode = Text<64>;

struct InstalledImage {
    Version version;
    std::uint32_t release_counter = 0;
    std::uint64_t length_bytes = 0;
    Sha256Digest sha256{};  // read back from flash by the ECU itself
    bool operator==(const InstalledImage&) const = default;
};

struct VersionReport {
    Vin vin;
    EcuId ecu;
    HardwareId hardware;
    std::uint64_t counter = 0;  // at most counter_max
    UtcTime time = {};          // last attested, 1970 where there was none
    Nonce nonce{};              // of the update cycle that it was made in
    InstalledImage installed = {};
    AttackCode previous_attack = {};
    std::uint32_t attacks = 0;  // refused since the ECU was made, of which the above is the last
    bool operator==(const VersionReport&) const = default;
};

// JSON readers elsewhere keep whole numbers in 64-bit floats: 2^53 - 1.
inline constexpr std::uint64_t counter_max = (std::uint64_t{1} << 53) - 1;

inline constexpr std::size_t version_report_bytes_max = 768;  // every member at its longest takes 622
// With two signatures of which one is ML-DSA-87 (4627 bytes).
inline constexpr std::size_t packed_report_bytes_max = 6 * 1024;

// The text that the ECU's keys sign, at the start of `out`.
[[nodiscard]] Result<std::string_view> write_version_report(const VersionReport& report, Room out);

struct ReportSignature {
    Sha256Digest keyid{};  // SHA-256 of the SPKI
    View value;
};
// What stands in DID F1A3: size u16, text; for each signature keyid (32 bytes), size u16, value.
[[nodiscard]] Result<View> pack_report(std::string_view text, std::span<const ReportSignature> signatures, Room out);

}  // namespace pitstop::uptane
