#include "core/crypto/aead_in_place.h"

#include "core/crypto/faults.h"
#include "core/crypto/secret.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::crypto::aes_256_gcm {
namespace {

const EVP_CIPHER* fetched_cipher() {
    static EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return algorithm;
}

Result<void> check_sizes(View context, View whole) {
    if (whole.size() < tag_size_bytes) return fail(faults::not_authentic, "shorter than its tag");
    if (context.size() <= message_bytes_max && whole.size() - tag_size_bytes <= message_bytes_max) return {};
    return fail(faults::too_long, std::format("AES-256-GCM takes at most {} bytes at once", message_bytes_max));
}

bool feed(EVP_CIPHER_CTX* cipher, View context, Room bytes) {
    int written = 0;
    return (context.empty() ||
            EVP_CipherUpdate(cipher, nullptr, &written, context.data(), static_cast<int>(context.size())) == 1) &&
           (bytes.empty() ||
            EVP_CipherUpdate(cipher, bytes.data(), &written, bytes.data(), static_cast<int>(bytes.size())) == 1);
}

}  // namespace

InPlace::InPlace() : sealing_(EVP_CIPHER_CTX_new()), opening_(EVP_CIPHER_CTX_new()) {}

Result<void> InPlace::set_key(View key) {
    if (key.size() != std::tuple_size_v<Key>)
        return fail(faults::bad_key, std::format("an AES-256 key of {} bytes", key.size()));
    if (!sealing_ || !opening_ ||
        EVP_EncryptInit_ex2(sealing_.get(), fetched_cipher(), key.data(), nullptr, nullptr) != 1 ||
        EVP_DecryptInit_ex2(opening_.get(), fetched_cipher(), key.data(), nullptr, nullptr) != 1)
        return library_failed("AES-256-GCM");
    return {};
}

Result<void> InPlace::seal(const Nonce& nonce, View context, Room message_and_tag) {
    ENSURE(check_sizes(context, message_and_tag));
    const Room tag = message_and_tag.last(tag_size_bytes);
    int written = 0;
    if (EVP_EncryptInit_ex2(sealing_.get(), nullptr, nullptr, nonce.data(), nullptr) != 1 ||
        !feed(sealing_.get(), context, message_and_tag.first(message_and_tag.size() - tag_size_bytes)) ||
        EVP_EncryptFinal_ex(sealing_.get(), tag.data(), &written) != 1 ||
        EVP_CIPHER_CTX_ctrl(sealing_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size_bytes, tag.data()) != 1)
        return library_failed("AES-256-GCM");
    return {};
}

Result<void> InPlace::open(const Nonce& nonce, View context, Room ciphertext_and_tag) {
    ENSURE(check_sizes(context, ciphertext_and_tag));
    const Room hidden = ciphertext_and_tag.first(ciphertext_and_tag.size() - tag_size_bytes);
    if (EVP_DecryptInit_ex2(opening_.get(), nullptr, nullptr, nonce.data(), nullptr) != 1 ||
        !feed(opening_.get(), context, hidden) ||
        EVP_CIPHER_CTX_ctrl(opening_.get(), EVP_CTRL_AEAD_SET_TAG, tag_size_bytes,
                            ciphertext_and_tag.last(tag_size_bytes).data()) != 1) {
        wipe(hidden);
        return library_failed("AES-256-GCM");
    }
    std::uint8_t nothing = 0;
    int written = 0;
    if (EVP_DecryptFinal_ex(opening_.get(), &nothing, &written) == 1) return {};
    wipe(hidden);
    static_cast<void>(take_reason());
    return fail(faults::not_authentic);
}

}  // namespace pitstop::crypto::aes_256_gcm
