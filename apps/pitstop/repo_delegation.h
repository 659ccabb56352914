// Part of the names in the Image repository, vouched for by others: a supplier, or hash bins that share the load.
//
// Faults: cli.bad-delegation, unknown-role, already-signed, no-repository; those of core/uptane.
#pragma once

#include "apps/pitstop/repo_publication.h"

#include <optional>
#include <string>
#include <vector>

namespace pitstop::cli {

inline constexpr std::uint32_t bins_max = 1024;  // each has a file of its own, and all of them stand in one Snapshot

struct DelegationOrder {
    DelegatedRole role;          // of bins: their prefix
    std::vector<NamedKey> keys;  // none: those that it has
    std::optional<uptane::FamilyThresholds> thresholds;
    std::vector<std::string> paths;  // none: those that it has
    uptane::Terminating terminating = uptane::Terminating::no;
    std::vector<HardwareId> hardware;
    std::uint32_t bins = 0;  // a power of two; 0: a role of its own
};

// New Targets, staged, and published at once where the keys that lie here suffice. Bins get their empty files with it.
[[nodiscard]] Result<Published> delegate(const RepoOrder& order, const DelegationOrder& delegation);

// The role's images are no longer vouched for by anybody.
[[nodiscard]] Result<Published> withdraw(const RepoOrder& order, const DelegatedRole& role);

}  // namespace pitstop::cli
