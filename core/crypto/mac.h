// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869).
#pragma once

#include "core/base/bytes.h"

namespace pitstop::crypto {

[[nodiscard]] Sha256Digest hmac_sha256(View key, View message);

// Extract and expand in one. An empty salt means 32 zero bytes, as the RFC says.
// crypto.too-long above 255 blocks of 32 bytes (RFC 5869 §2.3).
inline constexpr std::size_t hkdf_size_bytes_max = 255 * 32;
[[nodiscard]] Result<Bytes> hkdf_sha256(View secret, View salt, View info, std::size_t size_bytes);

// For secrets, tags and hashed API keys: takes as long for a near miss as for a wild one. Lengths are not secret.
[[nodiscard]] bool same_in_constant_time(View a, View b);

}  // namespace pitstop::crypto
