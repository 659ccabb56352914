// Roles, dates and changes in words that a key officer reads before signing.
#pragma once

#include "apps/pitstop/named_key.h"
#include "core/base/time.h"
#include "core/uptane/roles.h"

#include <string>
#include <vector>

namespace pitstop::cli {

// "2 of 3 classical and 2 of 3 post-quantum"
[[nodiscard]] std::string threshold_words(const uptane::RoleKeys& role, const uptane::Keys& keys);

// "until 2027-11-21T12:00:00Z, 365 days" and "ended 2026-…": for people.
[[nodiscard]] std::string until_words(UtcTime expires, UtcTime now);

// When a file of this role should be signed anew: a Root needs its signers in one room, a Timestamp does not.
enum class Freshness { fine, soon, expired };
[[nodiscard]] Freshness freshness(std::string_view role, UtcTime expires, UtcTime now);
[[nodiscard]] std::string_view to_string(Freshness freshness);  // "fine", "expires soon", "EXPIRED"

// "supplier-a: SUP-A/*, ends the search, hardware BRK-2"
[[nodiscard]] std::string scope_words(const uptane::Delegation& delegation);

// One line for each difference; empty when there is none but version and date.
[[nodiscard]] std::vector<std::string> changes(const uptane::Root& before, const uptane::Root& after,
                                               const Names& names);
[[nodiscard]] std::vector<std::string> changes(const uptane::Targets& before, const uptane::Targets& after,
                                               const Names& names);

}  // namespace pitstop::cli
