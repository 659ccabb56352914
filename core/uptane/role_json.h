// What the JSON of all four roles has in common. Used inside this room only.
#pragma once

#include "core/uptane/roles.h"

#include <limits>

namespace pitstop::uptane {

inline constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();

struct Head {
    std::uint32_t version = 1;
    UtcTime expires;
};

[[nodiscard]] json::Object write_head(Role role, std::uint32_t version, UtcTime expires);
[[nodiscard]] Result<Head> read_head(const json::Object& from, Role role, const Rules& rules);

[[nodiscard]] Result<std::uint32_t> read_version(const json::Object& from);

[[nodiscard]] Result<std::optional<Vin>> read_vin(const json::Object& from, const Rules& rules);

// `hashes` of a file or a target: every one that we can check, and in our dialect no other.
struct Hashes {
    std::optional<Sha256Digest> sha256;
    std::optional<Sha512Digest> sha512;
};
[[nodiscard]] Result<Hashes> read_hashes(const json::Object& from, const Rules& rules);
[[nodiscard]] json::Object to_json(const Hashes& hashes);

}  // namespace pitstop::uptane
