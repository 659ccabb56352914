#include "core/crypto/digest.h"

#include <cstdlib>

namespace pitstop::crypto {
namespace {

// Fetching walks the provider tables, which costs more than hashing a short message: done once, kept for the process's
// life.
const EVP_MD* fetched_sha256() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    return algorithm;
}
const EVP_MD* fetched_sha512() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
    return algorithm;
}

void must(int succeeded) {
    if (succeeded != 1) std::abort();
}

template <class Digest>
Digest finish_and_reset(EVP_MD_CTX* context, const EVP_MD* algorithm) {
    Digest digest;
    must(EVP_DigestFinal_ex(context, digest.data(), nullptr));
    must(EVP_DigestInit_ex2(context, algorithm, nullptr));
    return digest;
}

template <class Digest>
Digest digest_of(View bytes, const EVP_MD* algorithm) {
    Digest digest;
    must(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr));
    return digest;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { Sha256::reset(); }
void Sha256::reset() { must(EVP_DigestInit_ex2(context_.get(), fetched_sha256(), nullptr)); }
void Sha256::update(View piece) { must(EVP_DigestUpdate(context_.get(), piece.data(), piece.size())); }
Sha256Digest Sha256::finish() { return finish_and_reset<Sha256Digest>(context_.get(), fetched_sha256()); }

Sha512::Sha512() : context_(EVP_MD_CTX_new()) { reset(); }
void Sha512::reset() { must(EVP_DigestInit_ex2(context_.get(), fetched_sha512(), nullptr)); }
void Sha512::update(View piece) { must(EVP_DigestUpdate(context_.get(), piece.data(), piece.size())); }
Sha512Digest Sha512::finish() { return finish_and_reset<Sha512Digest>(context_.get(), fetched_sha512()); }

Sha256Digest sha256(View bytes) { return digest_of<Sha256Digest>(bytes, fetched_sha256()); }
Sha512Digest sha512(View bytes) { return digest_of<Sha512Digest>(bytes, fetched_sha512()); }

}  // namespace pitstop::crypto
