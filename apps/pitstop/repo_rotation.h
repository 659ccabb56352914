// The next Root: keys that come and go, thresholds, a later date.
//
// Bring the change to one role. Without keys to add or remove, the role's pair that lies in this folder is replaced by
// a fresh one, which takes its place when the Root is published. New keys for Targets also stage Targets itself, for
// what the old keys signed counts no more. Faults: cli.unknown-role, unknown-key-id, nothing-changes, already-signed,
// no-repository; uptane.bad-threshold.
#pragma once

#include "apps/pitstop/repo_folder.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::cli {

struct RotationOrder {
    NamedRole role;
    std::vector<NamedKey> add;
    std::vector<std::string> remove;  // key ids, or their first 8 digits and more
    std::optional<uptane::FamilyThresholds> thresholds;
    std::optional<std::chrono::days> lifetime;  // of the Root
};

// "2" or "classical=2,post_quantum=1"; cli.bad-threshold
[[nodiscard]] Result<uptane::FamilyThresholds> thresholds_from(std::string_view text);

[[nodiscard]] Result<std::vector<std::filesystem::path>> rotate(const RepoOrder& order, const RotationOrder& rotation);

}  // namespace pitstop::cli
