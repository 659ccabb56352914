#include "core/crypto/hpke.h"

#include "core/crypto/faults.h"
#include "core/crypto/mac.h"

#include <format>

namespace pitstop::crypto::hpke {
namespace {

constexpr std::uint16_t kem_x_wing = 0x647A, kdf_hkdf_sha256 = 0x0001;

// §4: the two labeled functions of one suite. A size of at most 32 bytes is the first block of HKDF-Expand.
class Labeled {
public:
    explicit Labeled(std::uint16_t aead) {
        std::ranges::copy(std::string_view("HPKE"), suite_.begin());
        store_be(&suite_[4], kem_x_wing);
        store_be(&suite_[6], kdf_hkdf_sha256);
        store_be(&suite_[8], aead);
    }

    [[nodiscard]] Secret<32> extract(View salt, std::string_view label, View secret) const {
        Bytes labeled = start(label);
        labeled.insert(labeled.end(), secret.begin(), secret.end());
        return mac(salt, labeled);
    }
    [[nodiscard]] Secret<32> expand(View secret, std::string_view label, View info, std::uint16_t size_bytes) const {
        Bytes labeled{static_cast<std::uint8_t>(size_bytes >> 8), static_cast<std::uint8_t>(size_bytes)};
        const Bytes labels = start(label);
        labeled.insert(labeled.end(), labels.begin(), labels.end());
        labeled.insert(labeled.end(), info.begin(), info.end());
        labeled.push_back(1);
        return mac(secret, labeled);
    }

private:
    [[nodiscard]] Bytes start(std::string_view label) const {
        constexpr std::string_view version = "HPKE-v1";
        Bytes bytes(version.begin(), version.end());
        bytes.insert(bytes.end(), suite_.begin(), suite_.end());
        bytes.insert(bytes.end(), label.begin(), label.end());
        return bytes;
    }
    static Secret<32> mac(View key, View message) {
        Sha256Digest tag = hmac_sha256(key, message);
        const Secret<32> secret{View(tag)};
        wipe(tag);
        return secret;
    }

    std::array<std::uint8_t, 10> suite_{};
};

Result<void> check_size(std::size_t size_bytes) {
    if (size_bytes <= message_bytes_max) return {};
    return fail(faults::too_long, std::format("HPKE wraps at most {} bytes", message_bytes_max));
}

Result<Bytes> seal_with(const xwing::Encapsulation& encapsulation, View info, View context, View message) {
    const Schedule schedule = key_schedule(encapsulation.secret.view(), info);
    TRY(const Bytes hidden, aes_256_gcm::seal(schedule.key.array(), schedule.nonce, context, message));
    Bytes sealed(encapsulation.ciphertext.begin(), encapsulation.ciphertext.end());
    sealed.insert(sealed.end(), hidden.begin(), hidden.end());
    return sealed;
}

}  // namespace

Schedule key_schedule(View shared_secret, View info, std::uint16_t aead) {
    const Labeled labeled(aead);
    std::array<std::uint8_t, 1 + 2 * 32> context{0x00};  // mode_base
    std::ranges::copy(labeled.extract({}, "psk_id_hash", {}).view(), &context[1]);
    std::ranges::copy(labeled.extract({}, "info_hash", info).view(), &context[33]);
    const Secret<32> secret = labeled.extract(shared_secret, "secret", {});
    Schedule schedule{.key = labeled.expand(secret.view(), "key", context, 32)};
    const Secret<32> nonce = labeled.expand(secret.view(), "base_nonce", context, 12);
    std::ranges::copy(nonce.view().first(schedule.nonce.size()), schedule.nonce.begin());
    return schedule;
}

Result<Bytes> seal(const xwing::PublicKey& to, View info, View context, View message) {
    ENSURE(check_size(message.size()));
    TRY(const auto encapsulation, to.encapsulate());
    return seal_with(encapsulation, info, context, message);
}

Result<Bytes> seal_derand(const xwing::PublicKey& to, View info, View context, View message, View randomness) {
    ENSURE(check_size(message.size()));
    TRY(const auto encapsulation, to.encapsulate_derand(randomness));
    return seal_with(encapsulation, info, context, message);
}

Result<Bytes> open(const xwing::PrivateKey& mine, View info, View context, View sealed) {
    if (sealed.size() < overhead_bytes) return fail(faults::not_authentic, "shorter than enc and tag");
    ENSURE(check_size(sealed.size() - overhead_bytes));
    TRY(const auto secret, mine.decapsulate(sealed.first(xwing::ciphertext_size_bytes)));
    const Schedule schedule = key_schedule(secret.view(), info);
    return aes_256_gcm::open(schedule.key.array(), schedule.nonce, context,
                             sealed.subspan(xwing::ciphertext_size_bytes));
}

}  // namespace pitstop::crypto::hpke
