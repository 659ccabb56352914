#include "core/seal/derive.h"

#include <algorithm>

namespace pitstop::seal {
namespace {

constexpr std::size_t block_size_bytes = 64;  // of SHA-256
constexpr std::string_view commitment_label = "pitstop-sealed-1 commitment", payload_label = "pitstop-sealed-1 payload";

}  // namespace

Sha256Digest hmac(crypto::Hasher& hasher, View key, std::initializer_list<View> pieces) {
    const auto padded = [key](std::uint8_t with) {
        crypto::Secret<block_size_bytes> block(key.first(std::min(key.size(), block_size_bytes)));
        for (std::uint8_t& byte : block.room()) byte ^= with;
        return block;
    };
    hasher.reset();
    hasher.update(padded(0x36).view());
    for (const View piece : pieces) hasher.update(piece);
    const Sha256Digest inner = hasher.finish();
    hasher.update(padded(0x5c).view());
    hasher.update(inner);
    return hasher.finish();
}

void hkdf(crypto::Hasher& hasher, View secret, View salt, std::string_view label, View context, Room into) {
    Sha256Digest extracted = hmac(hasher, salt, {secret});
    Sha256Digest block{};
    View before;
    for (std::uint8_t number = 1; !into.empty(); ++number) {
        block = hmac(hasher, extracted, {before, view_of(label), context, View(&number, 1)});
        before = block;
        const std::size_t size = std::min(into.size(), block.size());
        std::copy_n(block.begin(), size, into.begin());
        into = into.subspan(size);
    }
    crypto::wipe(extracted);
    crypto::wipe(block);
}

Sha256Digest digest_of(crypto::Hasher& hasher, View bytes) {
    hasher.reset();
    hasher.update(bytes);
    return hasher.finish();
}

Commitment commitment_to(crypto::Hasher& hasher, View content_key, const Salt& salt, View committed) {
    const Sha256Digest digest = digest_of(hasher, committed);
    Commitment commitment{};
    hkdf(hasher, content_key, salt, commitment_label, digest, commitment);
    return commitment;
}

PayloadKeys payload_keys(crypto::Hasher& hasher, View content_key, const Salt& salt, const HeaderBytes& header) {
    PayloadKeys keys;
    keys.header_digest = digest_of(hasher, header);
    crypto::Secret<key_size_bytes + nonce_prefix_size_bytes> derived;
    hkdf(hasher, content_key, salt, payload_label, keys.header_digest, derived.room());
    std::ranges::copy(derived.view().first(key_size_bytes), keys.key.room().begin());
    std::ranges::copy(derived.view().last(nonce_prefix_size_bytes), keys.nonce_prefix.begin());
    return keys;
}

}  // namespace pitstop::seal
