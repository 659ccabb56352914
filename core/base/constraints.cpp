#include "core/base/constraints.h"

#include "core/base/faults.h"

#include <format>

namespace pitstop {
namespace {

Result<std::vector<VersionRange>> read_ranges(const json::Object& from, std::string_view name) {
    if (!json::has(from, name)) return std::vector<VersionRange>{};
    TRY(const json::Array* list, json::array(from, name));
    if (list->size() > Constraints::ranges_max)
        return fail(faults::wrong_type,
                    std::format("{} '{}', at most {}", list->size(), name, Constraints::ranges_max));
    std::vector<VersionRange> ranges;
    for (const json::Value& item : *list) {
        if (!item.is_string()) return fail(faults::wrong_type, std::format("'{}' must be texts", name));
        TRY(VersionRange range, VersionRange::parse(std::string_view(item.get_string())));
        ranges.push_back(range);
    }
    return ranges;
}

void write_ranges(std::span<const VersionRange> ranges, std::string_view name, json::Object& into) {
    if (ranges.empty()) return;
    json::Array list;
    for (const VersionRange& range : ranges) list.emplace_back(range.str());
    into[name] = std::move(list);
}

}  // namespace

Result<VersionRange> VersionRange::parse(std::string_view text) {
    const auto at_least = text.find(">="), less = text.find('<');
    TRY(const EcuId ecu, EcuId::parse(text.substr(0, std::min({at_least, less, text.size()}))));
    VersionRange range{ecu, {}, {}};
    if (at_least != std::string_view::npos) {
        const auto begin = at_least + 2;  // a '<' before it is no version's character, so the parser below refuses it
        TRY(range.at_least, Version::parse(text.substr(begin, less == std::string_view::npos ? less : less - begin)));
    }
    if (less != std::string_view::npos) {
        TRY(range.below, Version::parse(text.substr(less + 1)));
        if (*range.below <= range.at_least)
            return fail(faults::wrong_type, std::format("no version is in '{:.80}'", text));
    }
    return range;
}

std::string VersionRange::str() const {
    std::string text = ecu.str();
    if (at_least != Version{}) text += ">=" + at_least.str();
    if (below) text += "<" + below->str();
    return text;
}

Result<std::vector<VersionRange>> version_ranges_from(std::string_view text) {
    std::vector<VersionRange> ranges;
    while (true) {
        const auto comma = text.find(',');
        TRY(VersionRange range, VersionRange::parse(text.substr(0, comma)));
        ranges.push_back(range);
        if (ranges.size() > Constraints::ranges_max)
            return fail(faults::wrong_type, std::format("more than {} ECUs", Constraints::ranges_max));
        if (comma == std::string_view::npos) return ranges;
        text.remove_prefix(comma + 1);
    }
}

Result<Constraints> constraints_from_json(const json::Object& from) {
    Constraints constraints;
    TRY(constraints.dependencies, read_ranges(from, "dependencies"));
    TRY(constraints.conflicts, read_ranges(from, "conflicts"));
    return constraints;
}

void write_constraints(const Constraints& constraints, json::Object& into) {
    write_ranges(constraints.dependencies, "dependencies", into);
    write_ranges(constraints.conflicts, "conflicts", into);
}

}  // namespace pitstop
