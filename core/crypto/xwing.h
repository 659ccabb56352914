// X-Wing (draft-connolly-cfrg-xwing-kem, HPKE KEM 0x647A): ML-KEM-768 (FIPS 203) and X25519 (RFC 7748) in one key
// encapsulation, on OpenSSL's primitives, joined by SHA3-256. Secret as long as either of the two holds.
//
// A private key is its seed of 32 bytes, expanded by SHAKE-256 (§5.2); a public key is ML-KEM-768's 1184 bytes and
// X25519's 32; a ciphertext 1088 and 32. Faults: crypto.bad-key, crypto.library-failed.
#pragma once

#include "core/base/bytes.h"
#include "core/crypto/openssl.h"

#include <array>

namespace pitstop::crypto::xwing {

inline constexpr std::size_t seed_size_bytes = 32;
inline constexpr std::size_t public_key_size_bytes = 1184 + 32;
inline constexpr std::size_t ciphertext_size_bytes = 1088 + 32;
using SharedSecret = std::array<std::uint8_t, 32>;
using KeyId = Sha256Digest;  // of the public key's bytes

// … PublicKey (from_bytes → Result, bytes(), key_id(), encapsulate() → Result<{SharedSecret, Ciphertext}>;
//    encapsulate_derand(64 bytes) for the draft's vectors), PrivateKey (from_seed, generate, public_key(), seed(),
//    decapsulate(View) → Result<SharedSecret>), wiped when they end.

}  // namespace pitstop::crypto::xwing
