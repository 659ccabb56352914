// Public keys, their ids, and the check of a signature.
//
// Bring SPKI (RFC 5280 §4.1.2.7) as PEM or DER. Only one encoding of each kind is accepted (uncompressed points, named
// curve, no trailing bytes), so the same key material always has the same id.
//
// Signatures: ECDSA P-256 over SHA-256 and P-384 over SHA-384, DER (RFC 3279 §2.2.3); Ed25519 (RFC 8032); RSA-PSS over
// SHA-256 (RFC 8017 §8.1; §8.2 where KeyRules say so), which others may sign with and we never do; ML-DSA pure with
// empty context (FIPS 204). An
// ECDSA signature (r, s) has a twin (r, n-s) that also verifies: never use a signature's bytes as an identity.
// Faults: crypto.bad-key, crypto.bad-signature.
#pragma once

#include "core/base/bytes.h"
#include "core/crypto/openssl.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pitstop::crypto {

enum class KeyType { ecdsa_p256, ecdsa_p384, ed25519, rsa_pss, ml_dsa_44, ml_dsa_65, ml_dsa_87 };
enum class Family { classical, post_quantum };

[[nodiscard]] constexpr Family family(KeyType type) {
    return type >= KeyType::ml_dsa_44 ? Family::post_quantum : Family::classical;
}
[[nodiscard]] std::string_view to_string(KeyType type);              // "ecdsa-p256", "ed25519", "ml-dsa-44" …
[[nodiscard]] std::string_view to_string(Family family);             // "classical", "post-quantum"
[[nodiscard]] const char* digest_name(KeyType type);                 // OpenSSL's; null: it hashes by itself
[[nodiscard]] Result<KeyType> key_type_from(std::string_view text);  // crypto.bad-key

// Below 3072 bits only where a foreign repository's tests ask for it. Above 8192 a verification costs a vehicle too
// much.
enum class RsaPadding : std::uint8_t { pss, pkcs1v15 };
struct KeyRules {
    std::uint32_t rsa_bits_min = 3072;
    RsaPadding rsa_padding = RsaPadding::pss;  // PKCS #1 v1.5 only for repositories of plain TUF
};
inline constexpr std::uint32_t rsa_bits_max = 8192;

class PublicKey {
public:
    // The largest, ML-DSA-87, takes about 3.6 KiB of PEM.
    static constexpr std::size_t pem_bytes_max = 8192;

    // Exactly one block, white space may follow.
    static Result<PublicKey> from_pem(std::string_view pem, KeyRules rules = {});
    static Result<PublicKey> from_der(View spki, KeyRules rules = {});
    static Result<PublicKey> from_ed25519(View raw);  // 32 bytes, RFC 8032 §5.1.5

    [[nodiscard]] KeyType type() const;
    [[nodiscard]] View der() const;                   // SPKI
    [[nodiscard]] std::string pem() const;            // SPKI in lines of 64, ends with a newline
    [[nodiscard]] Bytes ed25519_raw() const;          // 32 bytes, of such a key only
    [[nodiscard]] const std::string& key_id() const;  // lower-case hex SHA-256 of the SPKI DER
    [[nodiscard]] EVP_PKEY* native() const;           // lent, never null
    [[nodiscard]] RsaPadding rsa_padding() const;     // how an RSA key's signatures are read

    // The same key material.
    friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.key_id() == b.key_id(); }

private:
    struct Material;
    explicit PublicKey(std::shared_ptr<const Material> material) : material_(std::move(material)) {}
    std::shared_ptr<const Material>
        material_;  // shared because it never changes and roles, signers and caches all hold it
};

[[nodiscard]] Result<void> verify(const PublicKey& key, View message, View signature);

}  // namespace pitstop::crypto
