// Signs so that the same key and message give the same signature, for files that two people shall be able to make
// alike: ECDSA with the nonce of RFC 6979, ML-DSA in its deterministic variant (FIPS 204 §3.4); Ed25519 always does.
//
// At a desk only. Hedged signatures, which SoftwareSigner makes, are harder to break for whoever can disturb the
// machine while it signs; who verifies sees no difference. Fault: crypto.library-failed.
#pragma once

#include "core/crypto/signer.h"

namespace pitstop::crypto {

class RepeatableSigner final : public Signer {
public:
    explicit RepeatableSigner(const PrivateKey& key) : key_(key) {}  // which outlives it
    [[nodiscard]] const PublicKey& public_key() const override { return key_.public_key(); }
    [[nodiscard]] Result<Bytes> sign(View message) override;

private:
    const PrivateKey& key_;
};

}  // namespace pitstop::crypto
