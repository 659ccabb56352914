#include "apps/server/metadata_name.h"

#include <charconv>

namespace pitstop::server {

std::optional<MetadataName> MetadataName::parse(std::string_view file) {
    using uptane::Role;
    if (file == uptane::file_name(Role::timestamp, 0)) return MetadataName{Role::timestamp, 0};
    std::uint32_t version = 0;
    if (std::from_chars(file.data(), file.data() + file.size(), version).ec != std::errc()) return std::nullopt;
    for (const Role role : {Role::root, Role::snapshot, Role::targets})
        if (version > 0 && file == uptane::file_name(role, version)) return MetadataName{role, version};
    return std::nullopt;
}

}  // namespace pitstop::server
