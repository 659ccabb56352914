#include "core/crypto/prepared_signer.h"

#include "core/crypto/faults.h"

namespace pitstop::crypto {
namespace {

constexpr std::size_t signature_size_bytes_max = 72;  // two integers of 33 bytes in DER

}  // namespace

Result<PreparedSigner> PreparedSigner::make(const PrivateKey& key) {
    if (key.type() != KeyType::ecdsa_p256) return fail(faults::bad_key, "only ECDSA P-256 keys are prepared");
    Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr));
    if (!context || EVP_PKEY_sign_init(context.get()) != 1) return library_failed("preparing to sign");
    return PreparedSigner(std::move(context), key.public_key());
}

Result<Bytes> PreparedSigner::sign(View message) {
    hasher_.update(message);
    const Sha256Digest digest = hasher_.finish();
    Bytes signature(signature_size_bytes_max);
    std::size_t size = signature.size();
    if (EVP_PKEY_sign(context_.get(), signature.data(), &size, digest.data(), digest.size()) != 1)
        return library_failed("signing");
    signature.resize(size);  // DER signatures of ECDSA are often shorter than their maximum
    return signature;
}

}  // namespace pitstop::crypto
