#include "core/crypto/openssl_verifier.h"

#include <cstdlib>

namespace pitstop::crypto {
namespace {

// A wrong digest must not live on (digest.h).
void must(int succeeded) {
    if (succeeded != 1) std::abort();
}

const EVP_MD* algorithm_of(DigestKind kind) {
    switch (kind) {
        case DigestKind::sha256: return EVP_sha256();
        case DigestKind::sha384: return EVP_sha384();
        case DigestKind::sha512: return EVP_sha512();
    }
    std::abort();
}

bool verify_digest(EVP_PKEY* key, View digest, View signature) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return context && EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
           EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

bool verify_message(EVP_PKEY* key, View message, View signature) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace

OpenSslVerifier::OpenSslVerifier() : context_(EVP_MD_CTX_new()) {}

void OpenSslVerifier::start(DigestKind which) {
    must(EVP_DigestInit_ex2(context_.get(), algorithm_of(which), nullptr));
}

void OpenSslVerifier::update(View piece) { must(EVP_DigestUpdate(context_.get(), piece.data(), piece.size())); }

void OpenSslVerifier::finish(Room into) {
    if (into.size() != static_cast<std::size_t>(EVP_MD_CTX_get_size(context_.get()))) std::abort();
    must(EVP_DigestFinal_ex(context_.get(), into.data(), nullptr));
}

bool OpenSslVerifier::verify(SignatureKind kind, View spki, View digest_or_message, View signature) {
    if (kind_of(spki) != kind) return false;
    const std::uint8_t* at = spki.data();
    const Owned<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    const bool good = key && (is_post_quantum(kind) ? verify_message(key.get(), digest_or_message, signature)
                                                    : verify_digest(key.get(), digest_or_message, signature));
    if (!good) static_cast<void>(take_reason());
    return good;
}

}  // namespace pitstop::crypto
