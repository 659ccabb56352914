#include "core/uds/security_access.h"

#include "core/crypto/hmac.h"

#include <algorithm>

namespace pitstop::uds {
namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

bool is_known(std::uint8_t level) { return level == diagnostic_level || level == programming_level; }

bool is_zero(View seed) {
    return std::ranges::all_of(seed, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::array<std::uint8_t, security_key_bytes> cut_to_key(const Sha256Digest& tag) {
    std::array<std::uint8_t, security_key_bytes> key{};
    std::copy_n(tag.begin(), key.size(), key.begin());
    return key;
}

SecurityAccess::SecurityAccess(const EcuKey& key, const Door& door, Parts parts, Tick started)
    : key_(key),
      door_(door),
      parts_(parts),
      wrong_keys_(parts.memory.wrong_keys()) {
    if (wrong_keys_ > 0) free_at_ = started + delay;
}

void SecurityAccess::lock() { asked_level_ = unlocked_level_ = 0; }

crypto::Roles SecurityAccess::roles() const {
    if (unlocked_level_ == programming_level) return crypto::Role::programming | crypto::Role::diagnostic;
    return unlocked_level_ == diagnostic_level ? crypto::Roles(crypto::Role::diagnostic) : crypto::Roles();
}

Nrc SecurityAccess::on_request(View request, Reply& out, Tick now) {
    if (request.size() < 2) return wrong_length;
    const auto sub_function = static_cast<std::uint8_t>(request[1] & ~suppress_positive_bit);
    const bool asks_for_seed = (sub_function & 1) != 0;
    const auto level = static_cast<std::uint8_t>(asks_for_seed ? sub_function : sub_function - 1);
    if (!is_known(level)) return Nrc::sub_function_not_supported;
    if (request.size() != 2 + (asks_for_seed ? 0 : security_key_bytes)) return wrong_length;
    out.put_u8(sub_function);
    return asks_for_seed ? give_seed(level, out, now) : take_key(level, request.subspan(2), now);
}

Nrc SecurityAccess::give_seed(std::uint8_t level, Reply& out, Tick now) {
    asked_level_ = 0;
    seed_ = {};
    if (level != unlocked_level_) {
        if (now < free_at_) return Nrc::required_time_delay_not_expired;
        // Zeros would say that the level is unlocked already.
        if (!parts_.randomness.fill(seed_) || is_zero(seed_)) return Nrc::conditions_not_correct;
        asked_level_ = level;
    }
    out.put(seed_);
    return accepted;
}

Nrc SecurityAccess::take_key(std::uint8_t level, View key, Tick now) {
    if (asked_level_ != level) return Nrc::request_sequence_error;
    asked_level_ = 0;
    const auto counted = static_cast<std::uint8_t>(std::min<int>(wrong_keys_ + 1, AttemptMemory::attempts_max));
    if (!parts_.memory.remember(counted)) return Nrc::conditions_not_correct;
    wrong_keys_ = counted;
    if (is_right(level, key)) {
        // The key was right whether or not the memory can be cleared: at worst the next start waits.
        if (parts_.memory.remember(0)) wrong_keys_ = 0;
        unlocked_level_ = level;
        return accepted;
    }
    unlocked_level_ = 0;
    if (wrong_keys_ < AttemptMemory::attempts_max) return Nrc::invalid_key;
    free_at_ = now + delay;
    return Nrc::exceeded_number_of_attempts;
}

bool SecurityAccess::is_right(std::uint8_t level, View key) {
    const ProofText text(ProofPurpose::security_key, level, door_, seed_, {});
    return crypto::agree(key, cut_to_key(crypto::hmac_sha256(parts_.hasher, key_.view(), text.view())));
}

}  // namespace pitstop::uds
