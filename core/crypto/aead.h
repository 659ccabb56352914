// AES-256-GCM (NIST SP 800-38D): seals a message and binds it to a context.
//
// Bring a key and a nonce that this key never saw before: a repeated nonce gives the key away. Sealed data is the
// ciphertext followed by the 16-byte tag. open() gives nothing back unless every bit of message, context and tag is
// right. Faults: crypto.not-authentic, crypto.too-long.
#pragma once

#include "core/base/bytes.h"

#include <array>

namespace pitstop::crypto::aes_256_gcm {

using Key = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 12>;

inline constexpr std::size_t tag_size_bytes = 16;

// Payloads are cut into chunks of at most 1 MiB; this leaves room and keeps OpenSSL's int lengths out of reach.
inline constexpr std::size_t message_bytes_max = std::size_t{16} << 20;

[[nodiscard]] Result<Bytes> seal(const Key& key, const Nonce& nonce, View context, View message);
[[nodiscard]] Result<Bytes> open(const Key& key, const Nonce& nonce, View context, View sealed);

}  // namespace pitstop::crypto::aes_256_gcm
