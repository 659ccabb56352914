// A signed metadata file: {"signed": {…}, "signatures": [{"keyid": …, "sig": hex}]} (TUF §4.2.1).
//
// What is signed is the canonical JSON of `signed`; ML-DSA signs "tuf" ‖ 0x01 ‖ SHA-512 of it (TAP 21).
// Unknown keys are passed over, one key counts once however often and under whatever keyid it signed, and each family
// must reach its threshold by itself.
//
// Faults: base.bad-json, missing-member …; uptane.too-large, too-many-signatures, classical-missing,
// post-quantum-missing, threshold-not-reached.
#pragma once

#include "core/base/bytes.h"
#include "core/base/json.h"
#include "core/crypto/signer.h"
#include "core/uptane/roles.h"

#include <span>
#include <string>
#include <vector>

namespace pitstop::uptane {

inline constexpr std::size_t signatures_max = 32;  // DESIGN §6: bounds the work that a hostile file can cause
inline constexpr std::size_t signature_size_bytes_max = 8192;  // ML-DSA-87 has 4627

struct Signature {
    std::string keyid;
    Bytes value;
};

struct Envelope {
    json::Object body;      // the `signed` part
    std::string canonical;  // of it
    std::vector<Signature> signatures;
};

[[nodiscard]] Result<Envelope> open_envelope(View file, Role role);

// Whether the keys that `root` gives to `role` have signed.
[[nodiscard]] Result<void> check_signatures(const Envelope& envelope, const Root& root, Role role);

// The bytes that a key of this type signs for this canonical text.
[[nodiscard]] Bytes signed_message(crypto::KeyType type, std::string_view canonical);

// A new file, signed by all of them under their own key ids.
[[nodiscard]] Result<Bytes> sign(const json::Object& body, std::span<crypto::Signer* const> signers);

}  // namespace pitstop::uptane
