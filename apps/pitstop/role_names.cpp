#include "apps/pitstop/role_names.h"

#include "apps/pitstop/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::cli {
namespace {

using uptane::Repository;

constexpr std::array roles{
    NamedRole{"root", Repository::image, "root", KeyPlace::offline},
    NamedRole{"targets", Repository::image, "targets", KeyPlace::offline},
    NamedRole{"snapshot", Repository::image, "snapshot", KeyPlace::online},
    NamedRole{"timestamp", Repository::image, "timestamp", KeyPlace::online},
    NamedRole{"director-root", Repository::director, "root", KeyPlace::offline},
    NamedRole{"director-targets", Repository::director, "targets", KeyPlace::online},
    NamedRole{"director-snapshot", Repository::director, "snapshot", KeyPlace::online},
    NamedRole{"director-timestamp", Repository::director, "timestamp", KeyPlace::online},
    NamedRole{"director-time", Repository::director, "time", KeyPlace::online},
};

}  // namespace

std::span<const NamedRole> all_roles() { return roles; }

Result<NamedRole> named_role(std::string_view name) {
    const auto* const found = std::ranges::find(roles, name, &NamedRole::name);
    if (found == roles.end()) return fail(faults::unknown_role, std::format("'{:.60}'", name));
    return *found;
}

Result<DelegatedRole> delegated_role(std::string_view name) {
    const auto taken = [name](const NamedRole& role) { return role.name == name || role.in_root == name; };
    if (std::ranges::any_of(roles, taken))
        return fail(faults::unknown_role, std::format("'{:.60}' stands in Root and cannot be delegated to", name));
    return DelegatedRole::parse(name);
}

uptane::RoleKeys* slot_of(uptane::Root& root, std::string_view in_root) {
    if (in_root == "time") return root.time ? &*root.time : nullptr;
    for (const auto role : {uptane::Role::root, uptane::Role::timestamp, uptane::Role::snapshot, uptane::Role::targets})
        if (to_string(role) == in_root) return &root.roles[static_cast<std::size_t>(role)];
    return nullptr;
}

const uptane::RoleKeys* slot_of(const uptane::Root& root, std::string_view in_root) {
    return slot_of(const_cast<uptane::Root&>(root), in_root);
}

}  // namespace pitstop::cli
