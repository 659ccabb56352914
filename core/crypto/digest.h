// SHA-2 (FIPS 180-4) on OpenSSL, which uses the CPU's SHA instructions.
//
// These cannot fail on a working library; on a broken one the process ends at once, for a wrong digest must not live
// on.
#pragma once

#include "core/base/bytes.h"
#include "core/crypto/hasher.h"
#include "core/crypto/openssl.h"

namespace pitstop::crypto {

class Sha256 final : public Hasher {
public:
    Sha256();
    void reset() override;
    void update(View piece) override;
    [[nodiscard]] Sha256Digest finish() override;  // and starts anew

private:
    Owned<EVP_MD_CTX> context_;
};

// Over a stream that metadata names by both digests.
class Sha512 final {
public:
    Sha512();
    void reset();
    void update(View piece);
    [[nodiscard]] Sha512Digest finish();  // and starts anew

private:
    Owned<EVP_MD_CTX> context_;
};

[[nodiscard]] Sha256Digest sha256(View bytes);
[[nodiscard]] Sha512Digest sha512(View bytes);

}  // namespace pitstop::crypto
