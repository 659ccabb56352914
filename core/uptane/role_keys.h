// Who may sign for a role, and how many of them must (TUF §4.3 `keys` and `roles`, §4.5 `delegations`).
//
// Each family of algorithms reaches its own threshold with different key material; a keyid is only a label. Keys of a
// kind that this version does not know stand in `unusable`: they hinder nobody and count for nothing.
//
// Faults: base.*; uptane.bad-member, bad-key, unknown-keyid, bad-threshold.
#pragma once

#include "core/base/json.h"
#include "core/crypto/key.h"
#include "core/uptane/rules.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pitstop::uptane {

inline constexpr std::size_t role_keys_max = 32;          // as many as a file may have signatures
inline constexpr std::size_t keyid_size_bytes_max = 128;  // a SHA-512 in hex

// Each family reaches its own threshold with different key material. Both are at least 1.
struct FamilyThresholds {
    std::uint32_t classical = 1;
    std::uint32_t post_quantum = 1;
    bool operator==(const FamilyThresholds&) const = default;
};

enum class BatchSignatures : std::uint8_t { refused, allowed };

struct RoleKeys {
    std::vector<std::string> keyids;
    std::uint32_t threshold = 2;                         // of both families together: what a plain TUF client checks
    FamilyThresholds families;                           // not asked under Policy::classic
    BatchSignatures batches = BatchSignatures::refused;  // docs/formats/batch.md
    bool operator==(const RoleKeys&) const = default;
};

struct Keys {
    std::map<std::string, crypto::PublicKey> by_id;
    std::set<std::string> unusable;

    [[nodiscard]] const crypto::PublicKey* find(const std::string& keyid) const;
};

[[nodiscard]] Result<Keys> read_keys(const json::Object& from, const Rules& rules, std::size_t keys_max);
// With Rules of our dialect also refuses what nobody could ever sign: unknown ids and thresholds out of reach.
[[nodiscard]] Result<RoleKeys> read_role_keys(const json::Object& from, const Keys& keys, const Rules& rules);

[[nodiscard]] json::Object to_json(const Keys& keys);
[[nodiscard]] json::Object to_json(const RoleKeys& role);

// The different keys behind the role's ids, by key_id(): what must be equal for a role's keys to be "the same".
[[nodiscard]] std::set<std::string> material_of(const RoleKeys& role, const Keys& keys);

}  // namespace pitstop::uptane
