// Putting into place what its signers have completed.
//
// A new Root, the Targets that it needs, delegated files, and the Snapshot and Timestamp over them (made here, with the
// online keys) become visible together; before the first byte is written a TrustSet has accepted all of them, as a
// vehicle would. timestamp.json is written last. What lacks signatures stays where it is and is named. Interrupted at
// any point, the same call finishes the work.
//
// Faults: cli.nothing-staged, signatures-missing, out-of-date, no-online-key; those of core/uptane, io/keys, io/files.
#pragma once

#include "apps/pitstop/repo_folder.h"

#include <string>
#include <vector>

namespace pitstop::cli {

struct Published {
    std::uint32_t targets_version = 0, snapshot_version = 0, timestamp_version = 0;  // of the Image repository
    std::vector<std::string> moved;                                                  // "Root 2 of the Image repository"
    std::vector<std::string> waiting;  // "staged/image-3.root.json: classical 1 of 2, …"
};

// Everything in staged/ that is complete.
[[nodiscard]] Result<Published> publish_staged(const RepoOrder& order);

// New Snapshot and Timestamp over the same Targets, before the old ones expire.
[[nodiscard]] Result<Published> refresh_repository(const RepoOrder& order);

}  // namespace pitstop::cli
