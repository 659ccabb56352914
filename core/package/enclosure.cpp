#include "core/package/enclosure.h"

#include "core/package/campaign_metadata.h"
#include "core/package/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <limits>

namespace pitstop::package {
namespace {

constexpr std::string_view ending = "_package", gateway_part = "vmg_package", zone_word = "zone";
constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();

Result<std::uint32_t> zone_of(std::string_view name) {
    if (name == gateway_part) return 0;
    std::uint32_t zone = 0;
    if (name.starts_with(zone_word) && name.ends_with(ending))
        std::from_chars(name.data() + zone_word.size(), name.data() + name.size() - ending.size(), zone);
    // There is one way to write it.
    if (zone < 1 || zone > zones_max || Part{.zone = zone}.name() != name)
        return fail(faults::bad_metadata, std::format("no part is called '{:.40}'", name));
    return zone;
}

// The ECUs of a part, in the order of the full package.
Result<std::vector<Addressee>> ecus_from_json(const json::Object& from, std::span<const RecordEntry> records) {
    TRY(const json::Array* list, json::array(from, "ecu_ids"));
    std::vector<Addressee> ecus;
    auto at = records.begin();
    for (const json::Value& value : *list) {
        if (!value.is_string()) return fail(faults::bad_metadata, "an entry of 'ecu_ids' is no text");
        TRY(const Addressee ecu, Addressee::parse(std::string_view(value.get_string())));
        at = std::ranges::find(at, records.end(), ecu, &RecordEntry::ecu);
        if (at == records.end())
            return fail(faults::bad_metadata,
                        std::format("{} is in a part, but not in this order in the package", ecu.str()));
        ++at;
        ecus.push_back(ecu);
    }
    return ecus;
}

std::uint64_t stored_size_of(const Part& part, std::span<const RecordEntry> records) {
    std::uint64_t size_bytes = 0;
    for (const Addressee& ecu : part.ecus)
        size_bytes += std::ranges::find(records, ecu, &RecordEntry::ecu)->stored_size_bytes;
    return size_bytes;
}

Result<Part> part_from_json(const json::Object& from, std::span<const RecordEntry> records) {
    static constexpr std::array<std::string_view, 4> known{"name", "ecu_ids", "size", "sha256"};
    ENSURE(allow_only(from, known));
    Part part;
    TRY(const std::string name, json::string(from, "name"));
    TRY(part.zone, zone_of(name));
    TRY(part.ecus, ecus_from_json(from, records));
    TRY(part.size_bytes, json::number(from, "size", records_max * (header_size_bytes + u32_max)));
    TRY(part.sha256, json::sha256(from, "sha256"));
    if (part.ecus.empty() || part.size_bytes != stored_size_of(part, records))
        return fail(faults::bad_metadata, std::format("{}: 'size' is not that of its records", name));
    return part;
}

Result<Paper> paper_from_json(const json::Object& from, std::span<const RecordEntry> records) {
    static constexpr std::array<std::string_view, 5> known{"kind", "ecu_id", "file", "size", "sha256"};
    ENSURE(allow_only(from, known));
    Paper paper;
    TRY(const std::string kind, json::string(from, "kind"));
    if (kind == to_string(PaperKind::sbom))
        paper.kind = PaperKind::sbom;
    else if (kind != to_string(PaperKind::release_notes))
        return fail(faults::bad_metadata, std::format("no paper is of the kind '{:.40}'", kind));
    if (json::has(from, "ecu_id")) {
        TRY(paper.about, json::id<Addressee>(from, "ecu_id"));
        if (std::ranges::find(records, *paper.about, &RecordEntry::ecu) == records.end())
            return fail(faults::bad_metadata,
                        std::format("a paper is about {}, which has no record", paper.about->str()));
    }
    TRY(paper.file, json::string(from, "file"));
    ENSURE(check_name(paper.file, "file name of a paper"));
    if (paper.file == package_file_name || paper.file == metadata_file_name || zone_of(paper.file))
        return fail(faults::bad_metadata, std::format("a paper is called '{}', as a part of the package", paper.file));
    TRY(paper.size_bytes, json::number(from, "size", paper_size_bytes_max));
    TRY(paper.sha256, json::sha256(from, "sha256"));
    return paper;
}

}  // namespace

std::string Part::name() const {
    return zone == 0 ? std::string(gateway_part) : std::format("{}{}{}", zone_word, zone, ending);
}

std::string_view to_string(PaperKind kind) { return kind == PaperKind::sbom ? "sbom" : "release_notes"; }

json::Object to_json(const Part& part) {
    json::Array ecus;
    for (const Addressee& ecu : part.ecus) ecus.emplace_back(ecu.str());
    return {{"name", part.name()},
            {"ecu_ids", std::move(ecus)},
            {"size", part.size_bytes},
            {"sha256", to_hex(part.sha256)}};
}

json::Object to_json(const Paper& paper) {
    json::Object object{{"kind", to_string(paper.kind)},
                        {"file", paper.file},
                        {"size", paper.size_bytes},
                        {"sha256", to_hex(paper.sha256)}};
    if (paper.about) object["ecu_id"] = paper.about->str();
    return object;
}

Result<std::vector<Part>> parts_from_json(const json::Array& from, std::span<const RecordEntry> records) {
    std::vector<Part> parts;
    std::vector<Addressee> placed;
    if (from.size() > zones_max + 1) return fail(faults::bad_metadata, std::format("{} parts", from.size()));
    for (const json::Value& value : from) {
        TRY(const json::Object* object, json::as_object(value, "a part"));
        TRY(Part part, part_from_json(*object, records));
        if (!parts.empty() && parts.back().zone >= part.zone)
            return fail(faults::bad_metadata, std::format("{} stands in the wrong place of 'parts'", part.name()));
        for (const Addressee& ecu : part.ecus) {
            if (std::ranges::contains(placed, ecu))
                return fail(faults::bad_metadata, std::format("{} is in two parts", ecu.str()));
            placed.push_back(ecu);
        }
        parts.push_back(std::move(part));
    }
    if (!parts.empty() && placed.size() != records.size()) return fail(faults::bad_metadata, "a record is in no part");
    return parts;
}

Result<std::vector<Paper>> papers_from_json(const json::Array& from, std::span<const RecordEntry> records) {
    std::vector<Paper> papers;
    if (from.size() > papers_max) return fail(faults::bad_metadata, std::format("{} papers", from.size()));
    for (const json::Value& value : from) {
        TRY(const json::Object* object, json::as_object(value, "a paper"));
        TRY(Paper paper, paper_from_json(*object, records));
        if (std::ranges::contains(papers, paper.file, &Paper::file))
            return fail(faults::bad_metadata, std::format("two papers are called '{}'", paper.file));
        papers.push_back(std::move(paper));
    }
    return papers;
}

}  // namespace pitstop::package
