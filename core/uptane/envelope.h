// A signed metadata file: {"signed": {…}, "signatures": [{"keyid": …, "sig": hex}]} (TUF §4.2.1).
//
// What is signed is the canonical JSON of `signed`; ML-DSA signs "tuf" ‖ 0x01 ‖ SHA-512 of it (TAP 21), or, where the
// role allows it and the signature carries a `batch`, the root of a tree that this file is a leaf of
// (docs/formats/batch.md). Unknown keys are passed over, as are signatures that are no hex; one key counts once however
// often and under whatever keyid it signed, and each family must reach its threshold by itself.
//
// Faults: base.bad-json, missing-member …; uptane.too-large, too-many-signatures, classical-missing,
// post-quantum-missing, threshold-not-reached; at the desk not-printable.
#pragma once

#include "core/base/bytes.h"
#include "core/base/json.h"
#include "core/crypto/signer.h"
#include "core/uptane/roles.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pitstop::uptane {

inline constexpr std::size_t signatures_max = 32;  // DESIGN §6: bounds the work that a hostile file can cause
inline constexpr std::size_t signature_size_bytes_max = 8192;  // ML-DSA-87 has 4627; larger ones count for nothing

// Where this file stands in the tree whose root was signed.
struct BatchProof {
    std::uint64_t index = 0;
    std::uint64_t size = 0;
    Bytes path;  // 48 bytes a node
};
inline constexpr std::size_t batch_path_size_bytes_max = std::size_t{32} * 48;  // 2^32 files at once

struct Signature {
    std::string keyid;
    Bytes value;  // empty where it cannot be one of ours
    std::optional<BatchProof> batch;
};

struct Envelope {
    json::Object body;      // the `signed` part
    std::string canonical;  // of it
    std::vector<Signature> signatures;
    std::string other_form = {};  // that the aktualizr family also signs; otherwise empty
};

[[nodiscard]] Result<Envelope> open_envelope(View file, Role role, const Rules& rules = {});
// For other signed documents. `what` names it in errors.
[[nodiscard]] Result<Envelope> open_envelope(View file, std::string_view what, std::size_t size_bytes_max,
                                             const Rules& rules = {});

// Whether the keys that `root` gives to `role` have signed.
[[nodiscard]] Result<void> check_signatures(const Envelope& envelope, const Root& root, Role role);
[[nodiscard]] Result<void> check_signatures(const Envelope& envelope, const Keys& keys, const RoleKeys& role,
                                            std::string_view what);

// The bytes that a key of this type signs for this canonical text.
[[nodiscard]] Bytes signed_message(crypto::KeyType type, std::string_view canonical);

// A new file, signed by all of them under their own key ids: {"signatures":[…],"signed":{…}}, sorted, no white space.
[[nodiscard]] Result<Bytes> sign(const json::Object& body, std::span<crypto::Signer* const> signers);
// One more signature of the same bytes, made elsewhere. A keyid that signed before is replaced.
[[nodiscard]] Result<Signature> sign_canonical(std::string_view canonical, crypto::Signer& signer);
[[nodiscard]] Result<Bytes> write_envelope(const json::Object& body, std::span<const Signature> signatures);

}  // namespace pitstop::uptane
