// The walk over all delegations of a publication: every delegated role that its Snapshot lists is judged by the keys of
// whoever delegates to it, as a vehicle would (TUF §5.6.7).
//
// Bring a TrustSet whose Targets were accepted in this cycle, and somebody who finds a role's file. A role that is
// delegated but not listed yet is passed over: its holder has not handed anything in. Each role is judged once, under
// the first who delegates to it. Faults: uptane.*; those of `find`.
#pragma once

#include "core/uptane/trust_set.h"

#include <functional>
#include <string>
#include <vector>

namespace pitstop::server {

struct DelegatedFile {
    std::string role;
    std::uint32_t version = 0;
    std::string bytes;
    uptane::Targets targets;
};

using FindDelegated = std::function<Result<std::string>(const std::string& role, std::uint32_t version)>;

[[nodiscard]] Result<std::vector<DelegatedFile>> accept_all_delegated(uptane::TrustSet& trust,
                                                                      const FindDelegated& find, UtcTime now);

}  // namespace pitstop::server
