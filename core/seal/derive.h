// What follows from a content key: HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) over the Hasher port, and the
// keys and the commitment of a sealed payload (docs/formats/sealed.md). ECU profile: no heap, no library is named here.
#pragma once

#include "core/crypto/hasher.h"
#include "core/crypto/secret.h"
#include "core/seal/format.h"

#include <initializer_list>

namespace pitstop::seal {

// Over several pieces in a row. Keys of at most 64 bytes, which all of ours are.
[[nodiscard]] Sha256Digest hmac(crypto::Hasher& hasher, View key, std::initializer_list<View> pieces);

// Fills `into`, at most 255 blocks of 32 bytes. The RFC's info is label ‖ context.
void hkdf(crypto::Hasher& hasher, View secret, View salt, std::string_view label, View context, Room into);

[[nodiscard]] Sha256Digest digest_of(crypto::Hasher& hasher, View bytes);

// What the header says about the content key: no other key gives the same. Bring the header's first 120 bytes.
[[nodiscard]] Commitment commitment_to(crypto::Hasher& hasher, View content_key, const Salt& salt, View committed);

struct PayloadKeys {
    crypto::Secret<key_size_bytes> key;
    NoncePrefix nonce_prefix{};
    Sha256Digest header_digest{};  // associated data of every chunk
};
[[nodiscard]] PayloadKeys payload_keys(crypto::Hasher& hasher, View content_key, const Salt& salt,
                                       const HeaderBytes& header);

}  // namespace pitstop::seal
