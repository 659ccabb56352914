// X-Wing (draft-connolly-cfrg-xwing-kem, HPKE KEM 0x647A): ML-KEM-768 (FIPS 203) and X25519 (RFC 7748) in one key
// encapsulation, on OpenSSL's primitives, joined by SHA3-256. Secret as long as either of the two holds.
//
// A private key is its seed of 32 bytes, expanded by SHAKE-256 (§5.2); a public key is ML-KEM-768's 1184 bytes and
// X25519's 32; a ciphertext 1088 and 32.
//
// Stricter than the draft, which leaves it open: an X25519 half that would make a secret of zeros (RFC 7748 §6.1) is
// refused. Nobody honest has such a key or sends such a ciphertext. ML-KEM's half of a public key must be reduced
// (FIPS 203 §7.2), its ciphertexts are rejected implicitly: a changed one gives another secret, not a fault.
// Faults: crypto.bad-key, crypto.not-authentic, crypto.library-failed.
#pragma once

#include "core/crypto/openssl.h"
#include "core/crypto/secret.h"

#include <array>
#include <memory>

namespace pitstop::crypto::xwing {

inline constexpr std::size_t seed_size_bytes = 32;
inline constexpr std::size_t ml_kem_public_key_size_bytes = 1184, ml_kem_ciphertext_size_bytes = 1088;
inline constexpr std::size_t public_key_size_bytes = ml_kem_public_key_size_bytes + 32;
inline constexpr std::size_t ciphertext_size_bytes = ml_kem_ciphertext_size_bytes + 32;
inline constexpr std::size_t randomness_size_bytes = 64;  // of one encapsulation

using Seed = Secret<seed_size_bytes>;
using SharedSecret = Secret<32>;
using Ciphertext = std::array<std::uint8_t, ciphertext_size_bytes>;
using KeyId = Sha256Digest;  // of the public key's bytes

struct Encapsulation {
    SharedSecret secret;
    Ciphertext ciphertext{};
};

// Copies share the parsed key, which threads may use at the same time.
class PublicKey {
public:
    [[nodiscard]] static Result<PublicKey> from_bytes(View bytes);  // crypto.bad-key

    [[nodiscard]] View bytes() const;
    [[nodiscard]] const KeyId& key_id() const;

    [[nodiscard]] Result<Encapsulation> encapsulate() const;
    // The draft's EncapsulateDerand, for published vectors: whoever knows the 64 bytes knows the secret.
    [[nodiscard]] Result<Encapsulation> encapsulate_derand(View randomness) const;

    friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.key_id() == b.key_id(); }

private:
    struct Material;
    explicit PublicKey(std::shared_ptr<const Material> material) : material_(std::move(material)) {}
    std::shared_ptr<const Material> material_;
};

class PrivateKey {
public:
    [[nodiscard]] static Result<PrivateKey> generate();
    [[nodiscard]] static Result<PrivateKey> from_seed(View seed);  // crypto.bad-key for another length

    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] const Seed& seed() const { return seed_; }

    // crypto.bad-key for another length, crypto.not-authentic for an X25519 half that nobody honest sends.
    [[nodiscard]] Result<SharedSecret> decapsulate(View ciphertext) const;

private:
    PrivateKey(const Seed& seed, Owned<EVP_PKEY> ml_kem, Owned<EVP_PKEY> x25519, PublicKey public_key)
        : seed_(seed),
          ml_kem_(std::move(ml_kem)),
          x25519_(std::move(x25519)),
          public_key_(std::move(public_key)) {}

    Seed seed_;
    Owned<EVP_PKEY> ml_kem_, x25519_;
    PublicKey public_key_;
};

}  // namespace pitstop::crypto::xwing
