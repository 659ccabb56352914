#include "core/uptane/role_keys.h"

#include "core/uptane/faults.h"
#include "core/uptane/key_json.h"

#include <format>

namespace pitstop::uptane {
namespace {

Result<std::uint32_t> read_threshold(const json::Object& from, std::string_view name) {
    TRY(const std::uint64_t threshold, json::number(from, name, role_keys_max));
    if (threshold == 0) return fail(faults::bad_threshold, std::format("'{}' is 0", name));
    return static_cast<std::uint32_t>(threshold);
}

// A threshold that no set of different keys can reach would lock the vehicle out for good.
Result<void> check_reachable(const RoleKeys& role, const Keys& keys) {
    std::set<std::string> classical, post_quantum;
    for (const std::string& keyid : role.keyids) {
        const crypto::PublicKey* key = keys.find(keyid);
        if (!key && !keys.unusable.contains(keyid)) return fail(faults::unknown_keyid, std::format("'{:.128}'", keyid));
        if (key)
            (crypto::family(key->type()) == crypto::Family::classical ? classical : post_quantum).insert(key->key_id());
    }
    if (classical.size() < role.families.classical || post_quantum.size() < role.families.post_quantum ||
        classical.size() + post_quantum.size() < role.threshold)
        return fail(faults::bad_threshold, std::format("{} classical and {} ML-DSA keys cannot reach it",
                                                       classical.size(), post_quantum.size()));
    return {};
}

}  // namespace

const crypto::PublicKey* Keys::find(const std::string& keyid) const {
    const auto found = by_id.find(keyid);
    return found == by_id.end() ? nullptr : &found->second;
}

Result<Keys> read_keys(const json::Object& from, const Rules& rules, std::size_t keys_max) {
    if (from.size() > keys_max)
        return fail(faults::bad_member, std::format("{} 'keys', allowed are {}", from.size(), keys_max));
    Keys keys;
    for (const auto& member : from) {
        const std::string keyid(member.key());
        if (keyid.empty() || keyid.size() > keyid_size_bytes_max)
            return fail(faults::bad_member, std::format("a keyid of {} characters", keyid.size()));
        TRY(const json::Object* object, json::as_object(member.value(), "a key"));
        auto key = read_key(*object, rules);
        // What others' tools wrote wrongly hinders nobody either.
        if (!key && rules.is_strict()) return fail(key.error());
        if (key && *key)
            keys.by_id.emplace(keyid, **std::move(key));
        else
            keys.unusable.insert(keyid);
    }
    return keys;
}

Result<RoleKeys> read_role_keys(const json::Object& from, const Keys& keys, const Rules& rules) {
    RoleKeys role;
    TRY(const json::Array* keyids, json::array(from, "keyids"));
    if (keyids->size() > role_keys_max)
        return fail(faults::bad_member, std::format("{} 'keyids', allowed are {}", keyids->size(), role_keys_max));
    for (const json::Value& keyid : *keyids) {
        if (!keyid.is_string()) return fail(faults::bad_member, "'keyids' must be texts");
        role.keyids.emplace_back(keyid.get_string());
    }
    TRY(role.threshold, read_threshold(from, "threshold"));
    if (rules.policy == Policy::hybrid) {
        TRY(const json::Object* families, json::object(from, "family_thresholds"));
        TRY(role.families.classical, read_threshold(*families, "classical"));
        TRY(role.families.post_quantum, read_threshold(*families, "post_quantum"));
    } else {
        role.families = {0, 0};
    }
    if (json::has(from, "batch_signatures")) {
        TRY(const bool allowed, json::boolean(from, "batch_signatures"));
        if (allowed) role.batches = BatchSignatures::allowed;
    }
    if (rules.is_strict()) ENSURE(check_reachable(role, keys));
    return role;
}

json::Object to_json(const Keys& keys) {
    json::Object object;
    for (const auto& [keyid, key] : keys.by_id) object[keyid] = to_json(key);
    return object;
}

json::Object to_json(const RoleKeys& role) {
    json::Object object{
        {"keyids", json::Array(role.keyids.begin(), role.keyids.end())},
        {"threshold", role.threshold},
    };
    // A classic role has none: plain TUF alone reads it.
    if (role.families != FamilyThresholds{0, 0})
        object["family_thresholds"] = {{"classical", role.families.classical},
                                       {"post_quantum", role.families.post_quantum}};
    if (role.batches == BatchSignatures::allowed) object["batch_signatures"] = true;
    return object;
}

std::set<std::string> material_of(const RoleKeys& role, const Keys& keys) {
    std::set<std::string> ids;
    for (const std::string& keyid : role.keyids)
        if (const crypto::PublicKey* key = keys.find(keyid)) ids.insert(key->key_id());
    return ids;
}

}  // namespace pitstop::uptane
