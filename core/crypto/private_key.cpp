#include "core/crypto/private_key.h"

#include "core/crypto/faults.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::crypto {
namespace {

// 16 MiB and a quarter of a second for each guess; one step more would pass OpenSSL's own memory limit for scrypt.
constexpr std::uint64_t scrypt_n = 1 << 14, scrypt_r = 8, scrypt_p = 5;

// The callback's only context is a pointer: no passphrase at all is a failure, never a question on the terminal.
int give_passphrase(char* buffer, int size, int, void* context) {
    const auto* passphrase = static_cast<const std::optional<std::string_view>*>(context);
    if (!passphrase->has_value() || (*passphrase)->size() > static_cast<std::size_t>(size)) return -1;
    std::ranges::copy(**passphrase, buffer);
    return static_cast<int>((*passphrase)->size());
}

Result<std::string> write_plain(EVP_PKEY* key, BIO* to) {
    if (PEM_write_bio_PKCS8PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return library_failed("writing a private key");
    return collected(to);
}

Result<std::string> write_sealed(EVP_PKEY* key, std::string_view passphrase, BIO* to) {
    std::array<std::uint8_t, 16> salt;
    if (RAND_bytes(salt.data(), salt.size()) != 1) return library_failed("drawing a salt");
    const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(key));
    Owned<X509_ALGOR> scheme(
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt.data(), salt.size(), nullptr, scrypt_n, scrypt_r, scrypt_p));
    if (!info || !scheme) return library_failed("preparing to seal a private key");
    const Owned<X509_SIG> sealed(
        PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), info.get(), scheme.get()));
    if (!sealed) return library_failed("sealing a private key");
    static_cast<void>(scheme.release());  // now part of `sealed`
    if (PEM_write_bio_PKCS8(to, sealed.get()) != 1) return library_failed("writing a private key");
    return collected(to);
}

const char* openssl_name(KeyType type) {
    switch (type) {
        case KeyType::ecdsa_p256:
        case KeyType::ecdsa_p384: return "EC";
        case KeyType::rsa_pss: return "RSA";
        case KeyType::ed25519: return "ED25519";
        case KeyType::ml_dsa_44: return "ML-DSA-44";
        case KeyType::ml_dsa_65: return "ML-DSA-65";
        case KeyType::ml_dsa_87: return "ML-DSA-87";
    }
    return "";
}

}  // namespace

Result<PrivateKey> PrivateKey::from_native(Owned<EVP_PKEY> key) {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_PUBKEY(key.get(), &encoded);
    if (size <= 0) return fail(faults::bad_key, take_reason());
    const Bytes spki(encoded, encoded + size);
    OPENSSL_free(encoded);
    TRY(auto public_key, PublicKey::from_der(spki));
    if (public_key.type() == KeyType::rsa_pss) return fail(faults::bad_key, "RSA is only verified, never signed with");
    return PrivateKey(std::move(key), std::move(public_key));
}

Result<PrivateKey> generate(KeyType type) {
    if (type == KeyType::rsa_pss) return fail(faults::bad_key, "RSA is only verified: take ecdsa-p256 or ed25519");
    const bool on_a_curve = type == KeyType::ecdsa_p256 || type == KeyType::ecdsa_p384;
    Owned<EVP_PKEY> key(on_a_curve ? EVP_PKEY_Q_keygen(nullptr, nullptr, openssl_name(type),
                                                       type == KeyType::ecdsa_p256 ? "P-256" : "P-384")
                                   : EVP_PKEY_Q_keygen(nullptr, nullptr, openssl_name(type)));
    if (!key) return library_failed(std::format("generating a key of kind {}", to_string(type)));
    return PrivateKey::from_native(std::move(key));
}

Result<PrivateKey> private_from_pem(std::string_view pem, std::optional<std::string_view> passphrase) {
    if (pem.size() > private_pem_bytes_max)
        return fail(faults::bad_key, std::format("PEM of more than {} bytes", private_pem_bytes_max));
    const bool sealed = pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    if (!sealed && !pem.starts_with("-----BEGIN PRIVATE KEY-----"))
        return fail(faults::bad_key, "not a PKCS#8 PEM block");
    if (sealed && !passphrase) return fail(faults::bad_passphrase, "the key is sealed and no passphrase was given");

    const auto from = reading(pem);
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(from.get(), nullptr, give_passphrase, &passphrase));
    if (!key) return fail(sealed ? faults::bad_passphrase : faults::bad_key, take_reason());
    return PrivateKey::from_native(std::move(key));
}

Result<std::string> private_to_pem(const PrivateKey& key, std::optional<std::string_view> passphrase) {
    const Owned<BIO> to(BIO_new(BIO_s_secmem()));  // wiped when freed
    if (!to) return library_failed("writing a private key");
    return passphrase ? write_sealed(key.native(), *passphrase, to.get()) : write_plain(key.native(), to.get());
}

}  // namespace pitstop::crypto
