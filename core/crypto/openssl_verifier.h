// The port for small ECUs, filled with OpenSSL: for virtual ECUs and tests. Not part of the ECU profile.
#pragma once

#include "core/crypto/openssl.h"
#include "core/crypto/verifier.h"

namespace pitstop::crypto {

class OpenSslVerifier final : public Verifier {
public:
    OpenSslVerifier();
    void start(DigestKind which) override;
    void update(View piece) override;
    void finish(Room into) override;
    [[nodiscard]] bool verify(SignatureKind kind, View spki, View digest_or_message, View signature) override;

private:
    Owned<EVP_MD_CTX> context_;
};

}  // namespace pitstop::crypto
