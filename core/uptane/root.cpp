#include "core/uptane/faults.h"
#include "core/uptane/key_json.h"
#include "core/uptane/role_json.h"
#include "core/uptane/roles.h"

#include <format>
#include <set>

namespace pitstop::uptane {
namespace {

constexpr std::size_t keys_max = 4 * role_keys_max;

Result<std::uint32_t> read_threshold(const json::Object& from, std::string_view name) {
    TRY(const std::uint64_t threshold, json::number(from, name, role_keys_max));
    if (threshold == 0) return fail(faults::bad_threshold, std::format("'{}' is 0", name));
    return static_cast<std::uint32_t>(threshold);
}

// A threshold that no set of different keys can reach would lock the vehicle out for good.
Result<void> check_reachable(const RoleKeys& role, const std::map<std::string, crypto::PublicKey>& keys) {
    std::set<std::string> classical, post_quantum;
    for (const std::string& keyid : role.keyids) {
        const auto found = keys.find(keyid);
        if (found == keys.end()) return fail(faults::unknown_keyid, std::format("'{:.128}'", keyid));
        const crypto::PublicKey& key = found->second;
        (crypto::family(key.type()) == crypto::Family::classical ? classical : post_quantum).insert(key.key_id());
    }
    if (classical.size() < role.families.classical || post_quantum.size() < role.families.post_quantum ||
        classical.size() + post_quantum.size() < role.threshold)
        return fail(faults::bad_threshold, std::format("{} classical and {} ML-DSA keys cannot reach it",
                                                       classical.size(), post_quantum.size()));
    return {};
}

Result<RoleKeys> read_role(const json::Object& from) {
    RoleKeys role;
    TRY(const json::Array* keyids, json::array(from, "keyids"));
    if (keyids->size() > role_keys_max)
        return fail(faults::bad_member, std::format("{} 'keyids', allowed are {}", keyids->size(), role_keys_max));
    for (const json::Value& keyid : *keyids) {
        if (!keyid.is_string()) return fail(faults::bad_member, "'keyids' must be texts");
        role.keyids.emplace_back(keyid.get_string());
    }
    TRY(role.threshold, read_threshold(from, "threshold"));
    TRY(const json::Object* families, json::object(from, "family_thresholds"));
    TRY(role.families.classical, read_threshold(*families, "classical"));
    TRY(role.families.post_quantum, read_threshold(*families, "post_quantum"));
    return role;
}

Result<std::map<std::string, crypto::PublicKey>> read_keys(const json::Object& from) {
    if (from.size() > keys_max)
        return fail(faults::bad_member, std::format("{} 'keys', allowed are {}", from.size(), keys_max));
    std::map<std::string, crypto::PublicKey> keys;
    for (const auto& member : from) {
        const std::string_view keyid = member.key();
        if (keyid.empty() || keyid.size() > keyid_size_bytes_max)
            return fail(faults::bad_member, std::format("a keyid of {} characters", keyid.size()));
        TRY(const json::Object* object, json::as_object(member.value(), "a key"));
        TRY(crypto::PublicKey key, read_key(*object));
        keys.emplace(keyid, std::move(key));
    }
    return keys;
}

}  // namespace

Result<Root> read_root(const json::Object& from) {
    TRY(const Head head, read_head(from, Role::root));
    TRY(const bool consistent, json::boolean(from, "consistent_snapshot"));
    if (!consistent) return fail(faults::bad_member, "'consistent_snapshot' must be true");
    TRY(const json::Object* key_list, json::object(from, "keys"));
    TRY(auto keys, read_keys(*key_list));
    Root root{head.version, head.expires, std::move(keys), {}};
    TRY(const json::Object* roles, json::object(from, "roles"));
    for (const Role role : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
        TRY(const json::Object* object, json::object(*roles, to_string(role)));
        RoleKeys& slot = root.roles[static_cast<std::size_t>(role)];
        TRY(slot, read_role(*object));
        ENSURE(check_reachable(slot, root.keys));
    }
    return root;
}

json::Object to_json(const Root& root) {
    json::Object keys;
    for (const auto& [keyid, key] : root.keys) keys[keyid] = to_json(key);
    json::Object roles;
    for (const Role name : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
        const RoleKeys& role = root.of(name);
        roles[to_string(name)] = {
            {"keyids", json::Array(role.keyids.begin(), role.keyids.end())},
            {"threshold", role.threshold},
            {"family_thresholds",
             {{"classical", role.families.classical}, {"post_quantum", role.families.post_quantum}}},
        };
    }
    json::Object object = write_head(Role::root, root.version, root.expires);
    object["consistent_snapshot"] = true;
    object["keys"] = std::move(keys);
    object["roles"] = std::move(roles);
    return object;
}

}  // namespace pitstop::uptane
