#include "core/crypto/hmac.h"

#include "core/crypto/secret.h"

namespace pitstop::crypto {
namespace {

constexpr std::size_t block_bytes = 64;  // of SHA-256
constexpr std::uint8_t inner_pad = 0x36, outer_pad = 0x5C;

Sha256Digest padded_hash(Hasher& hasher, const Secret<block_bytes>& key, std::uint8_t pad, View message) {
    Secret<block_bytes> padded = key;
    for (std::uint8_t& byte : padded.room()) byte ^= pad;
    hasher.reset();
    hasher.update(padded.view());
    hasher.update(message);
    return hasher.finish();
}

}  // namespace

Sha256Digest hmac_sha256(Hasher& hasher, View key, View message) {
    Secret<block_bytes> block;
    if (key.size() > block_bytes) {
        hasher.reset();
        hasher.update(key);
        block = Secret<block_bytes>(hasher.finish());
    } else {
        block = Secret<block_bytes>(key);
    }
    return padded_hash(hasher, block, outer_pad, padded_hash(hasher, block, inner_pad, message));
}

}  // namespace pitstop::crypto
