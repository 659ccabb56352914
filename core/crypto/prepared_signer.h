// ECDSA P-256 for many messages in a row: the library's contexts are made once and not for every signature.
//
// Gives the same signatures as SoftwareSigner. One for each thread: it is not safe to share, the key behind it is.
#pragma once

#include "core/crypto/digest.h"
#include "core/crypto/signer.h"

namespace pitstop::crypto {

class PreparedSigner final : public Signer {
public:
    static Result<PreparedSigner> make(const PrivateKey& key);  // crypto.bad-key for other kinds

    [[nodiscard]] const PublicKey& public_key() const override { return public_key_; }
    [[nodiscard]] Result<Bytes> sign(View message) override;  // crypto.library-failed

private:
    PreparedSigner(Owned<EVP_PKEY_CTX> context, PublicKey public_key)
        : context_(std::move(context)),
          public_key_(std::move(public_key)) {}
    Owned<EVP_PKEY_CTX> context_;  // holds the key as well
    PublicKey public_key_;
    Sha256 hasher_;
};

}  // namespace pitstop::crypto
