// Port: something that signs with one key and never shows it: a key in memory here, a PKCS#11 token elsewhere.
//
// What comes back verifies with verify(signer.public_key(), message, signature) of key.h; formats stand there.
#pragma once

#include "core/crypto/private_key.h"

namespace pitstop::crypto {

class Signer {
public:
    virtual ~Signer() = default;
    [[nodiscard]] virtual const PublicKey& public_key() const = 0;
    [[nodiscard]] virtual Result<Bytes> sign(View message) = 0;
};

class SoftwareSigner final : public Signer {
public:
    explicit SoftwareSigner(PrivateKey key) : key_(std::move(key)) {}
    [[nodiscard]] const PublicKey& public_key() const override { return key_.public_key(); }
    [[nodiscard]] Result<Bytes> sign(View message) override;  // crypto.library-failed
    [[nodiscard]] const PrivateKey& key() const { return key_; }

private:
    PrivateKey key_;
};

}  // namespace pitstop::crypto
