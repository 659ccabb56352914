// What a staged file asks its signers to vouch for: the check that it makes sense, and the words.
//
// Faults: cli.altered, out-of-date, not-a-ceremony; those of core/uptane.
#pragma once

#include "apps/pitstop/signing_status.h"
#include "core/base/time.h"

#include <iosfwd>

namespace pitstop::cli {

// Form, version (exactly one after what it replaces) and date; that the Root beside it is a Root.
[[nodiscard]] Result<void> check_proposal(const StagedFile& staged, UtcTime now);

// Role, version, date, changes, who signs, and the digest to compare with the other signers.
[[nodiscard]] Result<void> explain(const StagedFile& staged, const SigningStatus& status, UtcTime now,
                                   std::ostream& out);

// The last part alone: who has signed and who has still to.
void print_signatures(const StagedFile& staged, const SigningStatus& status, std::ostream& out);

// "Root 2 of the Image repository"
[[nodiscard]] std::string title_of(const StagedFile& staged);

}  // namespace pitstop::cli
