// The four roles of an Uptane repository as values, and their JSON (TUF specification 1.0 §4; Uptane 2.1.0
// #metadata_structures).
//
// A value of these types says only that the text had the right form. Whether to believe it is TrustSet's business.
// Pitstop's own members: in Root, `family_thresholds` beside `threshold`; in Director Targets, `vin` and, per target,
// custom.ecuIdentifier; in all Targets custom.hardwareIds, custom.version, custom.releaseCounter.
// Unknown members are kept out of the values but stay under the signature.
//
// Faults: base.missing-member, wrong-type …; uptane.wrong-role, wrong-spec-version, bad-member, bad-key,
// unknown-keyid, bad-threshold, duplicate-ecu.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"
#include "core/crypto/key.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::uptane {

enum class Role : std::uint8_t { root, timestamp, snapshot, targets };
enum class Repository : std::uint8_t { director, image };

[[nodiscard]] std::string_view to_string(Role role);              // "root": as in _type
[[nodiscard]] std::string_view to_string(Repository repository);  // "director"

// "7.snapshot.json"; Timestamp, which nobody can know the version of, is "timestamp.json" (TUF §7: consistent
// snapshots).
[[nodiscard]] std::string file_name(Role role, std::uint32_t version);

// The size caps of DESIGN §6, asked before anything is parsed. They leave a factor of ten over a large fleet's files.
[[nodiscard]] std::size_t size_bytes_max(Role role);
inline constexpr std::size_t role_keys_max = 32;          // as many as a file may have signatures
inline constexpr std::size_t keyid_size_bytes_max = 128;  // a SHA-512 in hex
inline constexpr std::size_t hardware_ids_max = 64;       // variants of one ECU's hardware that one image serves

// Each family reaches its own threshold with different key material. Both are at least 1.
struct FamilyThresholds {
    std::uint32_t classical = 1;
    std::uint32_t post_quantum = 1;
    bool operator==(const FamilyThresholds&) const = default;
};

struct RoleKeys {
    std::vector<std::string> keyids;
    std::uint32_t threshold = 2;  // of both families together: what a plain TUF client checks
    FamilyThresholds families;
    bool operator==(const RoleKeys&) const = default;
};

struct Root {
    std::uint32_t version = 1;
    UtcTime expires;
    std::map<std::string, crypto::PublicKey> keys;  // by keyid
    std::array<RoleKeys, 4> roles;                  // by Role

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
    FileInfo snapshot;  // with length and at least one digest
};

struct Snapshot {
    std::uint32_t version = 1;
    UtcTime expires;
    std::map<std::string, FileInfo> files;  // "targets.json" is always there
    [[nodiscard]] const FileInfo& targets() const { return files.at("targets.json"); }
};

struct TargetInfo {
    std::uint64_t length_bytes = 0;
    Sha256Digest sha256{};
    Sha512Digest sha512{};
    std::vector<HardwareId> hardware;  // that the image runs on; at least one
    Version version;
    std::uint32_t release_counter = 0;
    std::optional<EcuId> ecu;  // Director only: who shall install it
    bool operator==(const TargetInfo&) const = default;
};

struct Targets {
    std::uint32_t version = 1;
    UtcTime expires;
    std::optional<Vin> vin;  // Director only
    std::map<TargetName, TargetInfo> targets;
};

// From the `signed` part of a file.
[[nodiscard]] Result<Root> read_root(const json::Object& from);
[[nodiscard]] Result<Timestamp> read_timestamp(const json::Object& from);
[[nodiscard]] Result<Snapshot> read_snapshot(const json::Object& from);
// The Director's must carry a VIN, name an ECU per target and may not delegate (Uptane 2.1.0 #check_targets).
[[nodiscard]] Result<Targets> read_targets(const json::Object& from, Repository repository);

[[nodiscard]] json::Object to_json(const Root& root);
[[nodiscard]] json::Object to_json(const Timestamp& timestamp);
[[nodiscard]] json::Object to_json(const Snapshot& snapshot);
[[nodiscard]] json::Object to_json(const Targets& targets);

}  // namespace pitstop::uptane
