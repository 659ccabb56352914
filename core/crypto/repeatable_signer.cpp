#include "core/crypto/repeatable_signer.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace pitstop::crypto {
namespace {

constexpr unsigned nonce_of_rfc_6979 = 1;
constexpr int deterministic = 1;

}  // namespace

Result<Bytes> RepeatableSigner::sign(View message) {
    unsigned nonce = nonce_of_rfc_6979;
    int without_chance = deterministic;
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    if (family(key_.type()) == Family::post_quantum)
        parameters[0] = OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC, &without_chance);
    else if (key_.type() == KeyType::ecdsa_p256)
        parameters[0] = OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &nonce);
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::size_t size_max = 0;
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), nullptr, digest_name(key_.type()), nullptr, nullptr, key_.native(),
                              parameters) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size_max, message.data(), message.size()) != 1)
        return library_failed("preparing to sign");
    Bytes signature(size_max);
    std::size_t size = size_max;
    if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
        return library_failed("signing");
    signature.resize(size);
    return signature;
}

}  // namespace pitstop::crypto
