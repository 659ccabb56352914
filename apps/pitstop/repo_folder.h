// The signing side of an installation, as a folder:
//
//     keys/offline/{root,targets,director-root}-{classical,pq}.key      sealed with a passphrase where one is given
//     keys/online/{snapshot,timestamp}-{classical,pq}.key               Image repository
//     keys/online/director-{targets,snapshot,timestamp}-{classical,pq}.key   the server signs for each vehicle with
//     these keys/packages/package-{classical,pq}.key                          whoever builds packages
//     image/{N.root,N.targets,N.snapshot,timestamp}.json                as served under /repo
//     director/N.root.json                                              as served under /director; the rest is made per
//     vehicle
//
// Beside every .key stands its public half, .pub. timestamp.json is written last: readers never see half a publication.
// image/1.root.json and director/1.root.json are what the factory puts into a vehicle.
//
// Faults: cli.already-there, those of core/uptane, core/package, io/keys, io/files.
#pragma once

#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/signing_keys.h"
#include "core/base/time.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace pitstop::cli {

// Offline roles are signed rarely; a Timestamp bounds how long an old state can be replayed to a vehicle.
struct RoleLifetimes {
    std::chrono::days root{365}, targets{365}, snapshot{90}, timestamp{30};
};

struct RepoOrder {
    std::filesystem::path folder;
    UtcTime now;
    Passphrase offline;  // seals keys/offline
    RoleLifetimes lifetimes = {};
};

struct Published {
    std::uint32_t targets_version = 0, snapshot_version = 0, timestamp_version = 0;
    std::vector<TargetName> added;
};

// Keys, both Roots, and an empty Image repository.
[[nodiscard]] Result<void> init_repository(const RepoOrder& order);

// Verifies the package, then adds its images to the Image repository. Nothing is written when all of them are there.
[[nodiscard]] Result<Published> publish_campaign(const RepoOrder& order, const std::filesystem::path& campaign_folder);

// New Snapshot and Timestamp over the same Targets, before the old ones expire.
[[nodiscard]] Result<Published> refresh_repository(const RepoOrder& order);

}  // namespace pitstop::cli
