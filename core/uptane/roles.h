// The four roles of an Uptane repository as values, and their JSON (TUF specification 1.0 §4; Uptane 2.1.0
// #metadata_structures).
//
// A value of these types says only that the text had the right form. Whether to believe it is TrustSet's business.
// Pitstop's own members: in Root, `family_thresholds` beside `threshold`, `batch_signatures`, and in the Director's the
// role `time`; in the Director's other roles `vin`; in its Targets, per target, custom.ecuIdentifier and
// custom.delivery (delivery.h); in all Targets custom.hardwareIds, custom.version, custom.releaseCounter. Unknown
// members are kept out of the values but stay under the signature.
//
// Faults: base.missing-member, wrong-type …; uptane.wrong-role, wrong-spec-version, bad-member, bad-key,
// unknown-keyid, bad-threshold, duplicate-ecu.
#pragma once

#include "core/base/bytes.h"
#include "core/base/constraints.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"
#include "core/uptane/delegation.h"
#include "core/uptane/delivery.h"
#include "core/uptane/role_keys.h"
#include "core/uptane/rules.h"
#include "core/uptane/target_path.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::uptane {

enum class Role : std::uint8_t { root, timestamp, snapshot, targets };

[[nodiscard]] std::string_view to_string(Role role);              // "root": as in _type
[[nodiscard]] std::string_view to_string(Repository repository);  // "director"

// "7.snapshot.json"; Timestamp, which nobody can know the version of, is "timestamp.json" (TUF §7: consistent
// snapshots).
[[nodiscard]] std::string file_name(Role role, std::uint32_t version);
[[nodiscard]] std::string file_name(std::string_view delegated_role, std::uint32_t version);

// The size caps of DESIGN §6, asked before anything is parsed. They leave a factor of ten over a large fleet's files.
[[nodiscard]] std::size_t size_bytes_max(Role role);
inline constexpr std::size_t hardware_ids_max = 64;  // variants of one ECU's hardware that one image serves

struct Root {
    std::uint32_t version = 1;
    UtcTime expires;
    Keys keys;
    std::array<RoleKeys, 4> roles;  // by Role
    std::optional<RoleKeys> time;   // of the time server; the Director's Root only
    bool consistent_snapshot = true;

    [[nodiscard]] const RoleKeys& of(Role role) const { return roles[static_cast<std::size_t>(role)]; }
};

// What one metadata file promises about the next.
struct FileInfo {
    std::uint32_t version = 1;
    std::optional<std::uint64_t> length_bytes;
    std::optional<Sha256Digest> sha256;
    std::optional<Sha512Digest> sha512;
    bool operator==(const FileInfo&) const = default;
};

struct Timestamp {
    std::uint32_t version = 1;
    UtcTime expires;
    FileInfo snapshot;            // in our dialect with length and at least one digest
    std::optional<Vin> vin = {};  // Director only
};

struct Snapshot {
    std::uint32_t version = 1;
    UtcTime expires;
    std::map<std::string, FileInfo> files;  // "targets.json" is always there
    std::optional<Vin> vin = {};            // Director only
    [[nodiscard]] const FileInfo& targets() const { return files.at("targets.json"); }
};

struct TargetInfo {
    std::uint64_t length_bytes = 0;
    std::optional<Sha256Digest> sha256;  // our dialect has both
    std::optional<Sha512Digest> sha512;
    std::vector<HardwareId> hardware;  // that the image runs on; at least one in our dialect
    Version version;
    std::uint32_t release_counter = 0;
    std::optional<EcuId> ecu;  // Director only: who shall install it
    Constraints constraints;   // what it asks of the other ECUs; in the Image repository
    // The aktualizr dialect names ECUs by serial: serial → hardware id.
    std::map<std::string, std::string> ecu_serials;
    std::optional<Delivery> delivery = {};  // Director only: in which form; nothing: the image itself
    bool operator==(const TargetInfo&) const = default;
};

struct Targets {
    std::uint32_t version = 1;
    UtcTime expires;
    std::optional<Vin> vin;  // Director only
    std::map<TargetPath, TargetInfo> targets;
    std::optional<Delegations> delegations;  // Image repository only
};

// From the `signed` part of a file.
[[nodiscard]] Result<Root> read_root(const json::Object& from, const Rules& rules = {});
// The VIN, that is TrustSet's business, is read where it stands.
[[nodiscard]] Result<Timestamp> read_timestamp(const json::Object& from, const Rules& rules = {});
[[nodiscard]] Result<Snapshot> read_snapshot(const json::Object& from, const Rules& rules = {});
// The Director's must carry a VIN, name an ECU per target and may not delegate (Uptane 2.1.0 #check_targets).
[[nodiscard]] Result<Targets> read_targets(const json::Object& from, Repository repository, const Rules& rules = {});

[[nodiscard]] json::Object to_json(const Root& root);
[[nodiscard]] json::Object to_json(const Timestamp& timestamp);
[[nodiscard]] json::Object to_json(const Snapshot& snapshot);
[[nodiscard]] json::Object to_json(const Targets& targets);

}  // namespace pitstop::uptane
