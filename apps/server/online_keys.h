// The keys that this server signs metadata with, as files beside it: role by role one classical and one ML-DSA key.
//
// Whoever steals them can direct vehicles to images that the offline keys vouched for, and to nothing else
// (docs/threats.md). Faults: io/keys.
#pragma once

#include "core/crypto/signer.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace pitstop::server {

using RoleKeyFiles = std::vector<crypto::SoftwareSigner>;

[[nodiscard]] std::vector<crypto::Signer*> signers_of(RoleKeyFiles& keys);

// The Director's: <folder>/director-{targets,snapshot,timestamp}-{classical,pq}.key
struct OnlineKeys {
    RoleKeyFiles targets, snapshot, timestamp;

    [[nodiscard]] static Result<OnlineKeys> load(const std::filesystem::path& folder);
};

// The Image repository's: <folder>/{snapshot,timestamp}-{classical,pq}.key. With them this server signs the two anew
// before they expire; what they list is for the engineers' offline keys alone.
struct ListingKeys {
    RoleKeyFiles snapshot, timestamp;

    // Nothing where the folder has none of them: then somebody else renews the files.
    [[nodiscard]] static Result<std::optional<ListingKeys>> load_if_there(const std::filesystem::path& folder);
};

}  // namespace pitstop::server
