#include "core/crypto/mac.h"

#include "core/crypto/faults.h"
#include "core/crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <array>
#include <cstdlib>
#include <format>

namespace pitstop::crypto {
namespace {

// OpenSSL takes a null pointer for "no key given", which an empty key is not.
const std::uint8_t* not_null(View bytes) {
    static constexpr std::uint8_t nothing = 0;
    return bytes.empty() ? &nothing : bytes.data();
}

OSSL_PARAM octets(const char* name, View bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(not_null(bytes)), bytes.size());
}

EVP_KDF* fetched_hkdf() {
    static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    return algorithm;
}

}  // namespace

Sha256Digest hmac_sha256(View key, View message) {
    Sha256Digest tag;
    std::size_t size = 0;
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA2-256", nullptr, not_null(key), key.size(), not_null(message),
                  message.size(), tag.data(), tag.size(), &size) == nullptr ||
        size != tag.size())
        std::abort();  // as for digests: a wrong tag must not live on
    return tag;
}

Result<Bytes> hkdf_sha256(View secret, View salt, View info, std::size_t size_bytes) {
    if (size_bytes == 0 || size_bytes > hkdf_size_bytes_max)
        return fail(faults::too_long, std::format("{} bytes; HKDF gives 1 to {}", size_bytes, hkdf_size_bytes_max));
    const Owned<EVP_KDF_CTX> context(EVP_KDF_CTX_new(fetched_hkdf()));
    char digest_name[] = "SHA2-256";
    std::array<OSSL_PARAM, 5> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    Bytes derived(size_bytes);
    if (!context || EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters.data()) != 1)
        return library_failed("HKDF");
    return derived;
}

bool same_in_constant_time(View a, View b) {
    return a.size() == b.size() && CRYPTO_memcmp(not_null(a), not_null(b), a.size()) == 0;
}

}  // namespace pitstop::crypto
