#include "core/crypto/aead.h"

#include "core/crypto/faults.h"
#include "core/crypto/openssl.h"

#include <algorithm>
#include <format>

namespace pitstop::crypto::aes_256_gcm {
namespace {

const EVP_CIPHER* fetched_cipher() {
    static EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return algorithm;
}

Result<void> check_sizes(View context, View message) {
    if (context.size() <= message_bytes_max && message.size() <= message_bytes_max) return {};
    return fail(faults::too_long, std::format("AES-256-GCM takes at most {} bytes at once", message_bytes_max));
}

// The context goes in first, with no output; an empty one is left out because OpenSSL reads a null pointer as "reset".
bool feed_context(EVP_CIPHER_CTX* cipher, View context) {
    int ignored = 0;
    return context.empty() ||
           EVP_CipherUpdate(cipher, nullptr, &ignored, context.data(), static_cast<int>(context.size())) == 1;
}

bool feed(EVP_CIPHER_CTX* cipher, View from, std::uint8_t* to) {
    int written = 0;
    return from.empty() || (EVP_CipherUpdate(cipher, to, &written, from.data(), static_cast<int>(from.size())) == 1 &&
                            written == static_cast<int>(from.size()));
}

}  // namespace

Result<Bytes> seal(const Key& key, const Nonce& nonce, View context, View message) {
    ENSURE(check_sizes(context, message));
    const Owned<EVP_CIPHER_CTX> cipher(EVP_CIPHER_CTX_new());
    Bytes sealed(message.size() + tag_size_bytes);
    std::uint8_t* const tag = sealed.data() + message.size();
    int written = 0;
    const bool done = cipher &&
                      EVP_EncryptInit_ex2(cipher.get(), fetched_cipher(), key.data(), nonce.data(), nullptr) == 1 &&
                      feed_context(cipher.get(), context) && feed(cipher.get(), message, sealed.data()) &&
                      EVP_EncryptFinal_ex(cipher.get(), tag, &written) == 1 &&
                      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size_bytes, tag) == 1;
    if (!done) return library_failed("AES-256-GCM");
    return sealed;
}

Result<Bytes> open(const Key& key, const Nonce& nonce, View context, View sealed) {
    if (sealed.size() < tag_size_bytes) return fail(faults::not_authentic, "shorter than its tag");
    const View hidden = sealed.first(sealed.size() - tag_size_bytes);
    ENSURE(check_sizes(context, hidden));
    const Owned<EVP_CIPHER_CTX> cipher(EVP_CIPHER_CTX_new());
    std::array<std::uint8_t, tag_size_bytes> tag;
    std::ranges::copy(sealed.last(tag_size_bytes), tag.begin());
    Bytes message(hidden.size());
    const bool ready = cipher &&
                       EVP_DecryptInit_ex2(cipher.get(), fetched_cipher(), key.data(), nonce.data(), nullptr) == 1 &&
                       feed_context(cipher.get(), context) && feed(cipher.get(), hidden, message.data()) &&
                       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size_bytes, tag.data()) == 1;
    if (!ready) return library_failed("AES-256-GCM");
    std::uint8_t nothing = 0;
    int written = 0;
    if (EVP_DecryptFinal_ex(cipher.get(), &nothing, &written) != 1) return fail(faults::not_authentic);
    return message;
}

}  // namespace pitstop::crypto::aes_256_gcm
