// The signing side, pure: the next version of each role from the one before it. Used by the desk for the Image
// repository and by the server for each vehicle's Director repository.
//
//     TRY(const Targets targets, make_targets(previous, additions, {.version = 2, .expires = …}));
//     TRY(const Publication files, publish(root, targets, plan, signers));
//     // store files.targets and files.snapshot under file_name(…), then replace timestamp.json: nobody reads half
//
// Everything that leaves is checked against the Root it was made for, so that a missing key is noticed here and not in
// the car. Faults: uptane.version-not-higher, target-changed, duplicate-ecu, bad-threshold and those of
// check_signatures.
#pragma once

#include "core/crypto/signer.h"
#include "core/uptane/envelope.h"
#include "core/uptane/roles.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace pitstop::uptane {

struct Edition {
    std::uint32_t version = 1;
    UtcTime expires;
};

struct NamedTarget {
    TargetName name;
    TargetInfo info;
};

// Who signs: one classical and one ML-DSA key each at least.
struct RoleSigners {
    std::vector<crypto::Signer*> targets, snapshot, timestamp;
};

struct RolePublicKeys {
    std::vector<crypto::PublicKey> root, timestamp, snapshot, targets;
    std::vector<crypto::PublicKey> time = {};  // of the Director's time server; none: no such role
};

// Beyond one key of each family for each role.
struct RootOptions {
    std::array<FamilyThresholds, 4> thresholds = {};     // by Role
    BatchSignatures batches = BatchSignatures::refused;  // of Targets, Snapshot and Timestamp
    Policy policy = Policy::hybrid;                      // classic: for plain TUF clients only
};

struct PublicationPlan {
    Edition snapshot, timestamp;
    std::map<std::string, FileInfo> delegated = {};  // the delegated roles' files that Snapshot lists beside Targets
};

struct Publication {
    std::uint32_t targets_version = 0, snapshot_version = 0, timestamp_version = 0;
    Bytes targets, snapshot, timestamp;
};

// Refuses what no vehicle would accept: a family without a key, a threshold out of reach.
[[nodiscard]] Result<Root> make_root(const RolePublicKeys& keys, Edition edition, const RootOptions& options = {});
// A role's keys as Root or a delegation lists them; the public halves are added to `keys`.
[[nodiscard]] RoleKeys role_keys(std::span<const crypto::PublicKey> signers, FamilyThresholds thresholds, Policy policy,
                                 Keys& keys);
// The file. Signers: the root keys, and at a rotation those of the Root before it.
[[nodiscard]] Result<Bytes> sign_root(const Root& root, std::span<crypto::Signer* const> signers);

// The previous images and the additions. `previous` is null for the first.
[[nodiscard]] Result<Targets> make_targets(const Targets* previous, std::span<const NamedTarget> additions,
                                           Edition edition);

// What one vehicle shall run; may be empty.
[[nodiscard]] Result<Targets> direct(const Vin& vin, std::span<const NamedTarget> assignments, Edition edition);

// Version, length and both digests of a file, for the role that lists it.
[[nodiscard]] FileInfo info_of(std::uint32_t version, View file);
[[nodiscard]] Snapshot make_snapshot(const FileInfo& targets, Edition edition,
                                     const std::map<std::string, FileInfo>& delegated = {});  // by role
[[nodiscard]] Timestamp make_timestamp(const FileInfo& snapshot, Edition edition);

// Signs body for role and refuses what `root` would not accept.
[[nodiscard]] Result<Bytes> sign_for(const Root& root, Role role, const json::Object& body,
                                     std::span<crypto::Signer* const> signers);

// Targets, the Snapshot that lists it and the Timestamp that lists that.
[[nodiscard]] Result<Publication> publish(const Root& root, const Targets& targets, const PublicationPlan& plan,
                                          const RoleSigners& signers);

}  // namespace pitstop::uptane
