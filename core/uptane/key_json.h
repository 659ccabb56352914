// A key as metadata carries it: {keytype, scheme, keyval: {public}} (TUF §4.2; ML-DSA after TAP 21).
//
// The public part is PEM (SPKI), for Ed25519 the 32 bytes in hex. The PEM decides what the key is; keytype and scheme
// must agree with it. Nothing comes back for a kind, scheme or size that this version does not use: such a key counts
// for nobody. A key of a known kind that is malformed is a lie: uptane.bad-key
#pragma once

#include "core/base/json.h"
#include "core/crypto/key.h"
#include "core/uptane/rules.h"

#include <optional>

namespace pitstop::uptane {

[[nodiscard]] json::Object to_json(const crypto::PublicKey& key);
[[nodiscard]] Result<std::optional<crypto::PublicKey>> read_key(const json::Object& from, const Rules& rules = {});

}  // namespace pitstop::uptane
