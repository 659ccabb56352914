// Timestamp and Snapshot: the two roles that say which version of the next file is the current one.
#include "core/uptane/faults.h"
#include "core/uptane/role_json.h"
#include "core/uptane/roles.h"

#include <format>

namespace pitstop::uptane {
namespace {

constexpr std::string_view snapshot_file = "snapshot.json", targets_file = "targets.json";
constexpr std::size_t snapshot_entries_max = 20'000;  // top-level Targets and every delegated role: 2^14 hash bins

json::Object info_to_json(const FileInfo& info) {
    json::Object object{{"version", info.version}};
    if (info.length_bytes) object["length"] = *info.length_bytes;
    json::Object hashes = to_json(Hashes{info.sha256, info.sha512});
    if (!hashes.empty()) object["hashes"] = std::move(hashes);
    return object;
}

Result<FileInfo> read_info(const json::Object& from, Role listed, const Rules& rules) {
    FileInfo info;
    TRY(info.version, read_version(from));
    if (json::has(from, "length")) {
        TRY(info.length_bytes, json::number(from, "length", size_bytes_max(listed)));
    }
    if (json::has(from, "hashes")) {
        TRY(const json::Object* hashes, json::object(from, "hashes"));
        TRY(const Hashes read, read_hashes(*hashes, rules));
        info.sha256 = read.sha256;
        info.sha512 = read.sha512;
    }
    return info;
}

}  // namespace

Result<Timestamp> read_timestamp(const json::Object& from, const Rules& rules) {
    TRY(const Head head, read_head(from, Role::timestamp, rules));
    TRY(const json::Object* meta, json::object(from, "meta"));
    if (rules.is_strict() && meta->size() != 1)
        return fail(faults::bad_member, "'meta' of Timestamp lists snapshot.json and nothing else");
    TRY(const json::Object* entry, json::object(*meta, snapshot_file));
    TRY(const FileInfo info, read_info(*entry, Role::snapshot, rules));
    if (rules.is_strict() && !info.length_bytes)
        return fail(faults::bad_member, "Timestamp must give Snapshot's 'length'");
    if (rules.is_strict() && !info.sha256 && !info.sha512)
        return fail(faults::bad_member, "Timestamp must give Snapshot's 'hashes'");
    TRY(const auto vin, read_vin(from, rules));
    return Timestamp{head.version, head.expires, info, vin};
}

Result<Snapshot> read_snapshot(const json::Object& from, const Rules& rules) {
    TRY(const Head head, read_head(from, Role::snapshot, rules));
    TRY(const json::Object* meta, json::object(from, "meta"));
    if (meta->size() > snapshot_entries_max)
        return fail(faults::bad_member,
                    std::format("'meta' lists {} files, allowed are {}", meta->size(), snapshot_entries_max));
    TRY([[maybe_unused]] const json::Object* always_there, json::object(*meta, targets_file));
    Snapshot snapshot{head.version, head.expires, {}, {}};
    TRY(snapshot.vin, read_vin(from, rules));
    for (const auto& member : *meta) {
        const std::string_view name = member.key();
        if (rules.is_strict()) ENSURE(check_name(name, "file in Snapshot"));
        TRY(const json::Object* entry, json::as_object(member.value(), "an entry of 'meta'"));
        TRY(const FileInfo info, read_info(*entry, Role::targets, rules));
        snapshot.files.emplace(name, info);
    }
    return snapshot;
}

json::Object to_json(const Timestamp& timestamp) {
    json::Object object = write_head(Role::timestamp, timestamp.version, timestamp.expires);
    object["meta"] = json::Object{{snapshot_file, info_to_json(timestamp.snapshot)}};
    if (timestamp.vin) object["vin"] = timestamp.vin->view();
    return object;
}

json::Object to_json(const Snapshot& snapshot) {
    json::Object meta;
    for (const auto& [name, info] : snapshot.files) meta[name] = info_to_json(info);
    json::Object object = write_head(Role::snapshot, snapshot.version, snapshot.expires);
    object["meta"] = std::move(meta);
    if (snapshot.vin) object["vin"] = snapshot.vin->view();
    return object;
}

}  // namespace pitstop::uptane
