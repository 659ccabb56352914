// Timestamp and Snapshot: the two roles that say which version of the next file is the current one.
#include "core/uptane/faults.h"
#include "core/uptane/role_json.h"
#include "core/uptane/roles.h"

#include <format>

namespace pitstop::uptane {
namespace {

constexpr std::string_view snapshot_file = "snapshot.json", targets_file = "targets.json";
constexpr std::size_t snapshot_entries_max = 1024;  // top-level Targets and every delegated role

json::Object info_to_json(const FileInfo& info) {
    json::Object object{{"version", info.version}};
    if (info.length_bytes) object["length"] = *info.length_bytes;
    json::Object hashes;
    if (info.sha256) hashes["sha256"] = to_hex(*info.sha256);
    if (info.sha512) hashes["sha512"] = to_hex(*info.sha512);
    if (!hashes.empty()) object["hashes"] = std::move(hashes);
    return object;
}

Result<FileInfo> read_info(const json::Object& from, Role listed) {
    FileInfo info;
    TRY(info.version, read_version(from));
    if (json::has(from, "length")) {
        TRY(info.length_bytes, json::number(from, "length", size_bytes_max(listed)));
    }
    if (json::has(from, "hashes")) {
        TRY(const json::Object* hashes, json::object(from, "hashes"));
        ENSURE(allow_known_hashes(*hashes));
        if (hashes->empty()) return fail(faults::bad_member, "'hashes' is empty");
        if (hashes->contains("sha256")) {
            TRY(info.sha256, json::sha256(*hashes, "sha256"));
        }
        if (hashes->contains("sha512")) {
            TRY(info.sha512, read_sha512(*hashes));
        }
    }
    return info;
}

}  // namespace

Result<Timestamp> read_timestamp(const json::Object& from) {
    TRY(const Head head, read_head(from, Role::timestamp));
    TRY(const json::Object* meta, json::object(from, "meta"));
    if (meta->size() != 1) return fail(faults::bad_member, "'meta' of Timestamp lists snapshot.json and nothing else");
    TRY(const json::Object* entry, json::object(*meta, snapshot_file));
    TRY(const FileInfo info, read_info(*entry, Role::snapshot));
    if (!info.length_bytes) return fail(faults::bad_member, "Timestamp must give Snapshot's 'length'");
    if (!info.sha256 && !info.sha512) return fail(faults::bad_member, "Timestamp must give Snapshot's 'hashes'");
    return Timestamp{head.version, head.expires, info};
}

Result<Snapshot> read_snapshot(const json::Object& from) {
    TRY(const Head head, read_head(from, Role::snapshot));
    TRY(const json::Object* meta, json::object(from, "meta"));
    if (meta->size() > snapshot_entries_max)
        return fail(faults::bad_member,
                    std::format("'meta' lists {} files, allowed are {}", meta->size(), snapshot_entries_max));
    TRY([[maybe_unused]] const json::Object* always_there, json::object(*meta, targets_file));
    Snapshot snapshot{head.version, head.expires, {}};
    for (const auto& member : *meta) {
        const std::string_view name = member.key();
        ENSURE(check_name(name, "file in Snapshot"));
        TRY(const json::Object* entry, json::as_object(member.value(), "an entry of 'meta'"));
        TRY(const FileInfo info, read_info(*entry, Role::targets));
        snapshot.files.emplace(name, info);
    }
    return snapshot;
}

json::Object to_json(const Timestamp& timestamp) {
    json::Object object = write_head(Role::timestamp, timestamp.version, timestamp.expires);
    object["meta"] = json::Object{{snapshot_file, info_to_json(timestamp.snapshot)}};
    return object;
}

json::Object to_json(const Snapshot& snapshot) {
    json::Object meta;
    for (const auto& [name, info] : snapshot.files) meta[name] = info_to_json(info);
    json::Object object = write_head(Role::snapshot, snapshot.version, snapshot.expires);
    object["meta"] = std::move(meta);
    return object;
}

}  // namespace pitstop::uptane
