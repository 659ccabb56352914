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
[[nodiscard]] Result<Head> read_head(const json::Object& from, Role role);

[[nodiscard]] Result<std::uint32_t> read_version(const json::Object& from);
[[nodiscard]] Result<Sha512Digest> read_sha512(const json::Object& from);
[[nodiscard]] Result<void> allow_known_hashes(const json::Object& hashes);

}  // namespace pitstop::uptane
