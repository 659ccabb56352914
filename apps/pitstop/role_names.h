// The roles of both repositories as people name them on the command line: "targets" is the Image repository's,
// "director-targets" the Director's, any other name a role that Targets delegates to. Key files are called the same.
//
// Faults: cli.unknown-role.
#pragma once

#include "core/base/ids.h"
#include "core/uptane/roles.h"

#include <span>
#include <string>
#include <string_view>

namespace pitstop::cli {

enum class KeyPlace { offline, online };

struct NamedRole {
    std::string_view name;  // "director-snapshot"
    uptane::Repository repository;
    std::string_view in_root;  // "snapshot"
    KeyPlace place;
};

[[nodiscard]] std::span<const NamedRole> all_roles();
[[nodiscard]] Result<NamedRole> named_role(std::string_view name);

struct DelegatedRoleTag {
    static constexpr std::string_view what = "delegated role";
};
using DelegatedRole = Name<DelegatedRoleTag>;
// Not one of all_roles(): it becomes a file's name beside theirs.
[[nodiscard]] Result<DelegatedRole> delegated_role(std::string_view name);

// Null for "time" where a Root has none.
[[nodiscard]] uptane::RoleKeys* slot_of(uptane::Root& root, std::string_view in_root);
[[nodiscard]] const uptane::RoleKeys* slot_of(const uptane::Root& root, std::string_view in_root);

}  // namespace pitstop::cli
