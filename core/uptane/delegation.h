// How Targets hand part of their names to others (TUF §4.5 `delegations`, §5.6.7; TAP 15 for hash bins).
//
// A delegation covers a target when one of its path patterns or hash prefixes matches and, where it lists hardware ids,
// the ECU's stands among them: a supplier of brake controllers vouches for nothing else, whatever the name says.
// Pattern: '*' for any run of characters and '?' for one, never across '/'.
//
// Faults: base.*; uptane.bad-member, bad-key, unknown-keyid, bad-threshold.
#pragma once

#include "core/base/ids.h"
#include "core/uptane/role_keys.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::uptane {

inline constexpr std::size_t delegated_roles_max = 256;   // suppliers of one car maker's one delegation
inline constexpr std::size_t delegated_paths_max = 1024;  // patterns or prefixes of one of them
inline constexpr std::size_t role_name_size_bytes_max = 128;
inline constexpr std::uint32_t bit_length_max = 14;  // 16 384 bins: what one Snapshot can list

enum class Terminating : std::uint8_t { no, yes };

struct Delegation {
    std::string role;  // in our dialect as pitstop::Name; never a top-level role
    RoleKeys keys;
    Terminating terminating = Terminating::no;
    std::vector<std::string> paths;               // one of these two
    std::vector<std::string> path_hash_prefixes;  // lower-case hex of SHA-256 of the target's path
    std::vector<HardwareId> hardware;             // empty: any
    bool operator==(const Delegation&) const = default;
};

// 2^bit_length roles "<name_prefix>-<bin in hex>" that share one set of keys.
struct HashBins {
    std::string name_prefix;
    std::uint32_t bit_length = 0;
    RoleKeys keys;
    bool operator==(const HashBins&) const = default;
};

struct Delegations {
    Keys keys;
    std::vector<Delegation> roles;  // in order of priority
    std::optional<HashBins> bins;   // instead of roles
};

// Case-sensitive. Linear in the pattern for each '*' (no back-tracking over more than one).
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);
[[nodiscard]] bool covers(const Delegation& delegation, std::string_view target_path);
[[nodiscard]] std::string bin_of(const HashBins& bins, std::string_view target_path);  // its role's name

[[nodiscard]] Result<Delegations> read_delegations(const json::Object& from, const Rules& rules);
[[nodiscard]] json::Object to_json(const Delegations& delegations);

}  // namespace pitstop::uptane
