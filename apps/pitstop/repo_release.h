// One publication of the Image repository, put together in memory and judged as a vehicle would before it is written.
// Used by repo_publication.cpp only.
#pragma once

#include "apps/pitstop/repo_folder.h"

#include <map>
#include <string>

namespace pitstop::cli {

struct VersionedFile {
    std::uint32_t version = 0;
    Bytes file;
};

struct Release {
    uptane::TrustSet trust;  // with the Root that will be in force
    bool has_new_root = false;
    VersionedFile targets;
    std::map<std::string, VersionedFile> delegated;  // new ones, by role
    std::map<std::string, uptane::FileInfo> listed;  // what the Snapshot before listed
    std::uint32_t snapshot_version = 1, timestamp_version = 1;
};

// Signs Snapshot and Timestamp, checks the whole, writes it.
[[nodiscard]] Result<void> put_in_place(const RepoOrder& order, Release release);

// keys/…/next/NAME-*.key take the place of those that this Root no longer names, which go to keys/retired.
[[nodiscard]] Result<void> adopt_next_keys(const RepoOrder& order, uptane::Repository repository,
                                           const uptane::Root& root);

}  // namespace pitstop::cli
