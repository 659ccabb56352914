// AES-256-GCM (NIST SP 800-38D) in place, for many messages under one key: one context, no allocation after the first.
//
// Bring room whose last 16 bytes are the tag: seal() turns message ‖ anything into ciphertext ‖ tag, open() turns it
// back. A nonce must never seal twice under one key. What open() refuses is wiped. Key and context are wiped when it
// ends. Faults: crypto.not-authentic, crypto.too-long, crypto.library-failed.
#pragma once

#include "core/crypto/aead.h"
#include "core/crypto/openssl.h"

namespace pitstop::crypto::aes_256_gcm {

class InPlace {
public:
    InPlace();

    [[nodiscard]] Result<void> set_key(View key);  // 32 bytes
    [[nodiscard]] Result<void> seal(const Nonce& nonce, View context, Room message_and_tag);
    [[nodiscard]] Result<void> open(const Nonce& nonce, View context, Room ciphertext_and_tag);

private:
    Owned<EVP_CIPHER_CTX> sealing_, opening_;
};

}  // namespace pitstop::crypto::aes_256_gcm
