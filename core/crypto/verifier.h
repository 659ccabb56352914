// Port: what a small ECU needs of cryptography in order to believe a signed text. ECU profile: no heap, no library is
// named here; OpenSslVerifier (openssl_verifier.h) fills it on Linux, a microcontroller with its own library or engine.
//
// A text is never held as a whole: start() a digest, hand the text over in pieces, finish(). verify() then takes what
// the algorithm signs: for ECDSA the SHA-256 digest of the text, for ML-DSA its (short) message, pure and with an empty
// context (FIPS 204 §5.2). Ed25519 is missing because it hashes the whole message twice (RFC 8032 §5.1.7): a small ECU
// has no room for that, so its keys do not count there.
//
// A public key is SPKI DER in the one encoding that core/crypto/key.h accepts; kind_of says of which kind it is.
#pragma once

#include "core/base/bytes.h"

#include <optional>

namespace pitstop::crypto {

enum class SignatureKind : std::uint8_t { ecdsa_p256, ml_dsa_44, ml_dsa_65, ml_dsa_87 };

// The largest of all kinds: of ML-DSA-87.
inline constexpr std::size_t spki_size_bytes_max = 2614;
inline constexpr std::size_t signature_bytes_max = 4627;

[[nodiscard]] constexpr bool is_post_quantum(SignatureKind kind) { return kind != SignatureKind::ecdsa_p256; }
[[nodiscard]] std::size_t spki_size_bytes(SignatureKind kind);
// Of ML-DSA exactly these, of ECDSA in DER at most these.
[[nodiscard]] std::size_t signature_size_bytes(SignatureKind kind);
// By its first bytes and its length: whether the point lies on the curve is found when a signature is checked.
[[nodiscard]] std::optional<SignatureKind> kind_of(View spki);

enum class DigestKind : std::uint8_t { sha256, sha384, sha512 };
[[nodiscard]] constexpr std::size_t size_bytes(DigestKind kind) {
    switch (kind) {
        case DigestKind::sha256: return 32;
        case DigestKind::sha384: return 48;
        case DigestKind::sha512: return 64;
    }
    return 0;
}

class Verifier {
public:
    // One digest at a time; starting the next drops what ran before. It cannot fail, as crypto::Hasher.
    virtual void start(DigestKind which) = 0;
    virtual void update(View piece) = 0;
    virtual void finish(Room into) = 0;  // into.size() == size_bytes(which)

    // Nothing but true is a good signature. A key that does not decode has made none.
    [[nodiscard]] virtual bool verify(SignatureKind kind, View spki, View digest_or_message, View signature) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    Verifier() = default;
    Verifier(const Verifier&) = default;
    Verifier& operator=(const Verifier&) = default;
    ~Verifier() = default;
};

}  // namespace pitstop::crypto
