#include "core/package/record_entry.h"

#include "core/package/campaign_metadata.h"
#include "core/package/faults.h"

#include <algorithm>
#include <array>
#include <format>
#include <limits>

namespace pitstop::package {
namespace {

constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();

Result<Sha512Digest> sha512_from_json(const json::Object& from, std::string_view name) {
    TRY(const std::string text, json::string(from, name));
    TRY(const Bytes bytes, from_hex(text));
    Sha512Digest digest;
    if (bytes.size() != digest.size()) return fail(faults::bad_metadata, std::format("'{}' is no SHA-512", name));
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

// What the sizes and digests have to do with each other.
Result<void> check(const RecordEntry& record) {
    const auto bad = [&](std::string_view why) {
        return fail(faults::bad_metadata, std::format("{}: {}", record.ecu.str(), why));
    };
    if (record.payload_size_bytes == 0) return bad("'payload_size' is 0");
    if (record.image_size_bytes == 0) return bad("'image_size' is 0");
    if (record.stored_size_bytes != header_size_bytes + std::uint64_t{record.payload_size_bytes})
        return bad("'stored_size' is not the header's and the payload's");
    if (const auto why = contradiction_in(record.constraints, record.ecu)) return bad(*why);
    if (!record.form.is_plain()) return {};
    if (record.payload_size_bytes != record.image_size_bytes) return bad("it is plain, but has two sizes");
    if (record.payload_sha256 != record.sha256) return bad("it is plain, but has two digests");
    return {};
}

Result<RecordEntry> record_from_json(const json::Object& from) {
    static constexpr std::array<std::string_view, 16> known{
        "ecu_id", "hardware_id", "software_type", "version",        "release_counter", "form",
        "offset", "stored_size", "payload_size",  "payload_sha256", "image_size",      "sha256",
        "sha512", "target_name", "dependencies",  "conflicts"};
    ENSURE(allow_only(from, known));
    TRY(const Addressee ecu, json::id<Addressee>(from, "ecu_id"));
    TRY(const HardwareId hardware, json::id<HardwareId>(from, "hardware_id"));
    TRY(const TargetName target, json::id<TargetName>(from, "target_name"));
    RecordEntry record{.ecu = ecu, .hardware = hardware, .target = target};
    TRY(const std::string type, json::string(from, "software_type"));
    TRY(record.software_type, software_type_from(type));
    TRY(record.version, json::id<Version>(from, "version"));
    TRY(const std::uint64_t release_counter, json::number(from, "release_counter", u32_max));
    TRY(record.form, json::id<Form>(from, "form"));
    TRY(record.offset_bytes, json::number(from, "offset", records_max * u32_max));
    TRY(record.stored_size_bytes, json::number(from, "stored_size", header_size_bytes + u32_max));
    TRY(const std::uint64_t payload_size, json::number(from, "payload_size", u32_max));
    TRY(record.payload_sha256, json::sha256(from, "payload_sha256"));
    TRY(const std::uint64_t image_size, json::number(from, "image_size", u32_max));
    TRY(record.sha256, json::sha256(from, "sha256"));
    TRY(record.sha512, sha512_from_json(from, "sha512"));
    TRY(record.constraints, constraints_from_json(from));
    record.release_counter = static_cast<std::uint32_t>(release_counter);
    record.payload_size_bytes = static_cast<std::uint32_t>(payload_size);
    record.image_size_bytes = static_cast<std::uint32_t>(image_size);
    ENSURE(check(record));
    return record;
}

}  // namespace

std::optional<std::string> contradiction_in(const Constraints& constraints, const Addressee& ecu) {
    for (const auto& ranges : {constraints.dependencies, constraints.conflicts})
        for (const VersionRange& range : ranges)
            if (range.ecu == ecu) return std::format("'{}' is about the image's own ECU", range.str());
    for (const VersionRange& needed : constraints.dependencies) {
        for (const VersionRange& other : constraints.dependencies)
            if (other.ecu == needed.ecu && other.below && needed.at_least >= *other.below)
                return std::format("no version is both '{}' and '{}'", needed.str(), other.str());
        for (const VersionRange& refused : constraints.conflicts) {
            const bool ends_before = !refused.below || (needed.below && *needed.below <= *refused.below);
            if (refused.ecu == needed.ecu && refused.at_least <= needed.at_least && ends_before)
                return std::format("it needs '{}' and conflicts with '{}'", needed.str(), refused.str());
        }
    }
    return std::nullopt;
}

Result<void> allow_only(const json::Object& from, std::span<const std::string_view> known) {
    for (const auto& member : from)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            return fail(faults::bad_metadata, std::format("unknown member '{:.80}'", std::string_view(member.key())));
    return {};
}

json::Object to_json(const RecordEntry& record) {
    json::Object object{
        {"ecu_id", record.ecu.str()},
        {"hardware_id", record.hardware.view()},
        {"software_type", to_string(record.software_type)},
        {"version", record.version.str()},
        {"release_counter", record.release_counter},
        {"form", record.form.str()},
        {"offset", record.offset_bytes},
        {"stored_size", record.stored_size_bytes},
        {"payload_size", record.payload_size_bytes},
        {"payload_sha256", to_hex(record.payload_sha256)},
        {"image_size", record.image_size_bytes},
        {"sha256", to_hex(record.sha256)},
        {"sha512", to_hex(record.sha512)},
        {"target_name", record.target.view()},
    };
    write_constraints(record.constraints, object);
    return object;
}

Result<std::vector<RecordEntry>> records_from_json(const json::Array& from) {
    if (from.empty()) return fail(faults::no_records);
    if (from.size() > records_max) return fail(faults::too_many_records, std::format("{} in 'records'", from.size()));
    std::vector<RecordEntry> records;
    std::uint64_t next_offset = 0;
    for (const json::Value& value : from) {
        TRY(const json::Object* object, json::as_object(value, "a record"));
        TRY(RecordEntry record, record_from_json(*object));
        if (record.offset_bytes != next_offset)
            return fail(faults::bad_metadata, std::format("{}: 'offset' is {}, the record before ends at {}",
                                                          record.ecu.str(), record.offset_bytes, next_offset));
        if (std::ranges::find(records, record.ecu, &RecordEntry::ecu) != records.end())
            return fail(faults::duplicate_ecu, record.ecu.str());
        next_offset += record.stored_size_bytes;
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace pitstop::package
