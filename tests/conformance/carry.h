// Carries a Cycle to its end: asks the repository, keeps what is trusted.
#pragma once

#include "core/uptane/cycle.h"
#include "tests/conformance/fetcher.h"

#include <functional>

namespace pitstop::conformance {

using Keep = std::function<Result<void>(const uptane::TrustSet& trust)>;

[[nodiscard]] Result<void> carry(uptane::Cycle& cycle, const uptane::TrustSet& trust, Fetcher& repository,
                                 const Keep& keep);

// "/7.snapshot.json", the role's name quoted; the aktualizr family has a folder for delegated roles.
[[nodiscard]] std::string address_of(const uptane::Fetch& fetch, const uptane::Rules& rules);

}  // namespace pitstop::conformance
