// A key as Root carries it: {keytype, scheme, keyval: {public: PEM}} (TUF §4.2; ML-DSA after TAP 21).
//
// The PEM decides what the key is; keytype and scheme must agree with it. uptane.bad-key
#pragma once

#include "core/base/json.h"
#include "core/crypto/key.h"

namespace pitstop::uptane {

[[nodiscard]] json::Object to_json(const crypto::PublicKey& key);
[[nodiscard]] Result<crypto::PublicKey> read_key(const json::Object& from);

}  // namespace pitstop::uptane
