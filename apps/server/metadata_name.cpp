#include "apps/server/metadata_name.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pitstop::server {
namespace {

constexpr std::string_view suffix = ".json";
constexpr std::array top_level{"root", "timestamp", "snapshot", "targets"};

}  // namespace

std::optional<MetadataName> MetadataName::parse(std::string_view file) {
    using uptane::Role;
    if (file == uptane::file_name(Role::timestamp, 0)) return MetadataName{Role::timestamp, 0, {}};
    std::uint32_t version = 0;
    const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), version);
    if (error != std::errc() || version == 0) return std::nullopt;
    for (const Role role : {Role::root, Role::snapshot, Role::targets})
        if (file == uptane::file_name(role, version)) return MetadataName{role, version, {}};
    std::string_view rest(end, file.data() + file.size());
    if (!rest.starts_with('.') || !rest.ends_with(suffix) || rest.size() <= 1 + suffix.size()) return std::nullopt;
    rest = rest.substr(1, rest.size() - 1 - suffix.size());
    const bool is_name = check_name(rest, "delegated role").has_value() && !std::ranges::contains(top_level, rest);
    if (!is_name || file != uptane::file_name(rest, version)) return std::nullopt;
    return MetadataName{Role::targets, version, std::string(rest)};
}

}  // namespace pitstop::server
