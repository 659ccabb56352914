// An image as metadata promises it, fetched into a file that becomes visible only when its length and every digest are
// right. Faults: uptane.wrong-length, wrong-hash, not-published; http.*; io.*
#pragma once

#include "core/uptane/roles.h"
#include "tests/conformance/fetcher.h"

#include <filesystem>
#include <vector>

namespace pitstop::conformance {

// Tries the addresses in order while the repository says "not there".
[[nodiscard]] Result<void> fetch_image(Fetcher& repository, const std::vector<std::string>& addresses,
                                       const uptane::TargetInfo& promised, const std::filesystem::path& file);

[[nodiscard]] bool is_there(const uptane::TargetInfo& promised, const std::filesystem::path& file);

// "/a/<digest>.name" for "a/name": where a repository with consistent snapshots keeps it (TUF §7.1).
[[nodiscard]] std::string consistent_address(std::string_view name, const uptane::TargetInfo& promised);

}  // namespace pitstop::conformance
