// Private keys in memory and as PEM (PKCS#8, RFC 5958). Files of them are the business of io/keys.
//
// Sealed with a passphrase: PBES2 (RFC 8018) with scrypt (RFC 7914: N = 2^14, r = 8, p = 5) and AES-256-CBC.
// Fresh keys come from OpenSSL's generator: the one randomness of core, for a key that a caller's seed could influence
// is none. Faults: crypto.bad-key, crypto.bad-passphrase, crypto.library-failed.
#pragma once

#include "core/crypto/key.h"

#include <optional>

namespace pitstop::crypto {

class PrivateKey {
public:
    static Result<PrivateKey> from_native(Owned<EVP_PKEY> key);  // crypto.bad-key for other kinds

    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] KeyType type() const { return public_key_.type(); }
    [[nodiscard]] EVP_PKEY* native() const { return key_.get(); }  // lent, never null

private:
    PrivateKey(Owned<EVP_PKEY> key, PublicKey public_key) : key_(std::move(key)), public_key_(std::move(public_key)) {}
    Owned<EVP_PKEY> key_;
    PublicKey public_key_;
};

// The largest, a sealed ML-DSA-87 key, takes about 7 KiB of PEM.
inline constexpr std::size_t private_pem_bytes_max = 16384;

[[nodiscard]] Result<PrivateKey> generate(KeyType type);
[[nodiscard]] Result<PrivateKey> private_from_pem(std::string_view pem,
                                                  std::optional<std::string_view> passphrase = {});
[[nodiscard]] Result<std::string> private_to_pem(const PrivateKey& key,
                                                 std::optional<std::string_view> passphrase = {});

}  // namespace pitstop::crypto
