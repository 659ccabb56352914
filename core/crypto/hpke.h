// HPKE, base mode, single shot (RFC 9180 §5.1.1, §6.1): KEM X-Wing 0x647A, KDF HKDF-SHA-256 0x0001, AEAD AES-256-GCM
// 0x0002. For wrapping keys: a message of some bytes for one recipient.
//
// Bring the recipient's public key, `info` that both sides know, and context that is bound as associated data. What
// comes back is enc ‖ ciphertext ‖ tag. X-Wing's secret goes into the key schedule as it is: there is no extraction of
// DHKEM in between. Nobody learns from it who sent it: base mode authenticates no sender.
// Faults: crypto.bad-key, crypto.not-authentic, crypto.too-long, crypto.library-failed.
#pragma once

#include "core/crypto/aead.h"
#include "core/crypto/xwing.h"

namespace pitstop::crypto::hpke {

inline constexpr std::size_t tag_size_bytes = 16;
inline constexpr std::size_t overhead_bytes = xwing::ciphertext_size_bytes + tag_size_bytes;
inline constexpr std::size_t message_bytes_max = 4096;  // keys, not files

[[nodiscard]] Result<Bytes> seal(const xwing::PublicKey& to, View info, View context, View message);
[[nodiscard]] Result<Bytes> open(const xwing::PrivateKey& mine, View info, View context, View sealed);

// With the randomness given, for published vectors only (xwing.h).
[[nodiscard]] Result<Bytes> seal_derand(const xwing::PublicKey& to, View info, View context, View message,
                                        View randomness);

// The key schedule of base mode (§5.1) for 32-byte keys and 12-byte nonces. `aead` is 0x0002 for us; the published
// vector was made with another one.
struct Schedule {
    Secret<32> key;
    aes_256_gcm::Nonce nonce{};
};
inline constexpr std::uint16_t aead_aes_256_gcm = 0x0002;
[[nodiscard]] Schedule key_schedule(View shared_secret, View info, std::uint16_t aead = aead_aes_256_gcm);

}  // namespace pitstop::crypto::hpke
