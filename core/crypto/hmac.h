// HMAC-SHA-256 (RFC 2104) for ECUs, over the Hasher that an ECU has anyway. ECU profile. Linux programs use mac.h.
#pragma once

#include "core/crypto/hasher.h"

namespace pitstop::crypto {

[[nodiscard]] Sha256Digest hmac_sha256(Hasher& hasher, View key, View message);

}  // namespace pitstop::crypto
