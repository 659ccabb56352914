// The ports of an ECU that opens sealed payloads, filled with OpenSSL: for virtual ECUs, zones and the desk. Not part
// of the ECU profile.
#pragma once

#include "core/crypto/aead_in_place.h"
#include "core/crypto/xwing.h"
#include "core/seal/frames.h"
#include "core/seal/open.h"
#include "core/seal/seal.h"

namespace pitstop::seal {

class XWingKeyOpener final : public KeyOpener {
public:
    explicit XWingKeyOpener(const crypto::xwing::PrivateKey& key) : key_(key) {}  // which outlives it
    [[nodiscard]] KeyHint hint() const override;
    [[nodiscard]] bool open(View info, View header, View wrapped_key, Room content_key) override;

private:
    const crypto::xwing::PrivateKey& key_;
};

// Keeps its contexts: nothing is allocated for a chunk.
class OpenSslChunkCipher final : public ChunkCipher {
public:
    [[nodiscard]] bool set_key(View key) override;
    [[nodiscard]] bool open(const Nonce& nonce, View context, Room sealed) override;
    [[nodiscard]] bool seal(const Nonce& nonce, View context, Room message_and_tag) override;

private:
    crypto::aes_256_gcm::InPlace cipher_;
};

}  // namespace pitstop::seal
