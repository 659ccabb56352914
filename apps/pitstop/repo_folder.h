// The signing side of an installation, as a folder:
//
//     keys/offline/{root,targets,director-root}-{classical,pq}.key      sealed with a passphrase where one is given
//     keys/online/{snapshot,timestamp}-{classical,pq}.key               Image repository
//     keys/online/director-{targets,snapshot,timestamp,time}-{classical,pq}.key   the server signs with these
//     keys/packages/package-{classical,pq}.key                          whoever builds packages
//     keys/{offline,online}/next/                                       made by `rotate`, moved up when the Root is
//     keys/retired/                                                     what they replaced
//     keys/people/*.pub                                                 signers elsewhere, with their names
//     staged/*.json                                                     waiting for signatures (staged_file.h)
//     image/{N.root,N.targets,N.snapshot,timestamp,N.<delegated>}.json  as served under /repo
//     director/N.root.json                                              as served under /director
//
// Beside every .key stands its public half, .pub. timestamp.json is written last: readers never see half a publication.
// image/1.root.json and director/1.root.json are what the factory puts into a vehicle.
//
// Faults: cli.no-repository, those of core/uptane, io/keys, io/files.
#pragma once

#include "apps/pitstop/role_names.h"
#include "apps/pitstop/signing_keys.h"
#include "apps/pitstop/staged_file.h"
#include "core/base/time.h"
#include "core/uptane/trust_set.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
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

    [[nodiscard]] std::filesystem::path keys(KeyPlace place) const;
    [[nodiscard]] std::filesystem::path next_keys(KeyPlace place) const;
    [[nodiscard]] std::filesystem::path packages() const;
    [[nodiscard]] std::filesystem::path people() const;
    [[nodiscard]] std::filesystem::path staged() const;
    [[nodiscard]] std::filesystem::path served(uptane::Repository repository) const;
};

// Nothing before the first Root was published. Dates are not checked, for who signs anew may be late.
using MaybeTrust = std::optional<uptane::TrustSet>;
inline constexpr std::uint32_t all_versions = std::numeric_limits<std::uint32_t>::max();

// The chain of Roots, up to a version.
[[nodiscard]] Result<MaybeTrust> load_roots(const RepoOrder& order, uptane::Repository repository,
                                            std::uint32_t version_max = all_versions);
// And all that follows from it; a Root alone where nothing else was published yet.
[[nodiscard]] Result<MaybeTrust> load_image_repository(const RepoOrder& order,
                                                       std::uint32_t version_max = all_versions);
// cli.no-repository when there is none
[[nodiscard]] Result<uptane::TrustSet> load_published(const RepoOrder& order);

// The file of a delegated role that the Snapshot lists, also when its keys have changed since; empty: none is listed.
[[nodiscard]] Result<Bytes> delegated_file(const RepoOrder& order, const uptane::TrustSet& now,
                                           const std::string& role);

struct StagedPath {
    std::filesystem::path path;
    StagedFile file;
};
[[nodiscard]] Result<std::vector<StagedPath>> list_staged(const RepoOrder& order);
[[nodiscard]] const StagedFile* find_staged(const std::vector<StagedPath>& list, uptane::Repository repository,
                                            std::string_view role);

// Everybody who has a public key in the folder.
[[nodiscard]] Result<Names> names_in(const RepoOrder& order);
// Keeps a signer's public key in keys/people, so that the name is known later.
[[nodiscard]] Result<void> remember_person(const RepoOrder& order, const NamedKey& key);

// The private keys that lie here and may sign for the role.
[[nodiscard]] Result<std::vector<crypto::SoftwareSigner>> local_signers(const RepoOrder& order,
                                                                        const uptane::RoleKeys& role,
                                                                        const uptane::Keys& keys);

// Key id → "root, targets, supplier-a", by what is published and what is staged.
[[nodiscard]] Result<std::map<std::string, std::string>> roles_by_key(const std::filesystem::path& folder);

}  // namespace pitstop::cli
