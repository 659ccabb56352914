#include "core/crypto/sha3.h"

#include "core/crypto/openssl.h"

#include <cstdlib>

namespace pitstop::crypto {
namespace {

// Fetched once: see digest.cpp.
const EVP_MD* fetched_sha3() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA3-256", nullptr);
    return algorithm;
}
const EVP_MD* fetched_shake() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHAKE-256", nullptr);
    return algorithm;
}

void must(int succeeded) {
    if (succeeded != 1) std::abort();
}

}  // namespace

Sha256Digest sha3_256(View bytes) {
    Sha256Digest digest;
    must(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, fetched_sha3(), nullptr));
    return digest;
}

void shake256(View bytes, Room into) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    must(EVP_DigestInit_ex2(context.get(), fetched_shake(), nullptr));
    must(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()));
    must(EVP_DigestFinalXOF(context.get(), into.data(), into.size()));
}

}  // namespace pitstop::crypto
