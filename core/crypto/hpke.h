// HPKE, base mode, single shot (RFC 9180 §5.1.1, §6.1): KEM X-Wing 0x647A, KDF HKDF-SHA-256 0x0001, AEAD AES-256-GCM
// 0x0002. For wrapping keys: a message of some bytes for one recipient.
//
// Bring the recipient's public key, `info` that both sides know, and context that is bound as associated data. What
// comes back is enc ‖ ciphertext ‖ tag. Nobody learns from it who sent it: base mode authenticates no sender.
// Faults: crypto.bad-key, crypto.not-authentic, crypto.too-long, crypto.library-failed.
#pragma once

#include "core/crypto/xwing.h"

namespace pitstop::crypto::hpke {

inline constexpr std::size_t tag_size_bytes = 16;
inline constexpr std::size_t overhead_bytes = xwing::ciphertext_size_bytes + tag_size_bytes;
inline constexpr std::size_t message_bytes_max = 4096;  // keys, not files

[[nodiscard]] Result<Bytes> seal(const xwing::PublicKey& to, View info, View context, View message);
[[nodiscard]] Result<Bytes> open(const xwing::PrivateKey& mine, View info, View context, View sealed);

}  // namespace pitstop::crypto::hpke
