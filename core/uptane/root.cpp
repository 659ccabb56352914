#include "core/uptane/faults.h"
#include "core/uptane/role_json.h"
#include "core/uptane/roles.h"

namespace pitstop::uptane {
namespace {

constexpr std::size_t keys_max = 5 * role_keys_max;
constexpr std::string_view time_role = "time";
constexpr Role all_roles[] = {Role::root, Role::timestamp, Role::snapshot, Role::targets};

// Absent means false where it may be left out.
Result<bool> read_consistent_snapshot(const json::Object& from, const Rules& rules) {
    if (!rules.is_strict() && !json::has(from, "consistent_snapshot")) return false;
    TRY(const bool consistent, json::boolean(from, "consistent_snapshot"));
    if (rules.is_strict() && !consistent) return fail(faults::bad_member, "'consistent_snapshot' must be true");
    return consistent;
}

}  // namespace

Result<Root> read_root(const json::Object& from, const Rules& rules) {
    TRY(const Head head, read_head(from, Role::root, rules));
    Root root{head.version, head.expires, {}, {}, {}, true};
    TRY(root.consistent_snapshot, read_consistent_snapshot(from, rules));
    TRY(const json::Object* keys, json::object(from, "keys"));
    TRY(root.keys, read_keys(*keys, rules, keys_max));
    TRY(const json::Object* roles, json::object(from, "roles"));
    for (const Role role : all_roles) {
        const bool listing = role == Role::timestamp || role == Role::snapshot;
        // A Director without them; in an Image repository nobody can then sign them.
        if (rules.dialect == Dialect::aktualizr && listing && !json::has(*roles, to_string(role))) continue;
        TRY(const json::Object* object, json::object(*roles, to_string(role)));
        TRY(root.roles[static_cast<std::size_t>(role)], read_role_keys(*object, root.keys, rules));
    }
    if (root.of(Role::root).batches == BatchSignatures::allowed)
        return fail(faults::bad_member, "Root itself is never signed in batches");
    if (rules.is_strict() && json::has(*roles, time_role)) {
        TRY(const json::Object* object, json::object(*roles, time_role));
        TRY(root.time, read_role_keys(*object, root.keys, rules));
    }
    return root;
}

json::Object to_json(const Root& root) {
    json::Object roles;
    for (const Role role : all_roles) roles[to_string(role)] = to_json(root.of(role));
    if (root.time) roles[time_role] = to_json(*root.time);
    json::Object object = write_head(Role::root, root.version, root.expires);
    object["consistent_snapshot"] = root.consistent_snapshot;
    object["keys"] = to_json(root.keys);
    object["roles"] = std::move(roles);
    return object;
}

}  // namespace pitstop::uptane
