#include "core/crypto/signer.h"

namespace pitstop::crypto {

Result<Bytes> SoftwareSigner::sign(View message) {
    const char* const digest = digest_name(key_.type());
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::size_t size_max = 0;
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key_.native(), nullptr) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size_max, message.data(), message.size()) != 1)
        return library_failed("preparing to sign");
    Bytes signature(size_max);
    std::size_t size = size_max;
    if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
        return library_failed("signing");
    signature.resize(size);  // DER signatures of ECDSA are often shorter than their maximum
    return signature;
}

}  // namespace pitstop::crypto
