#include "core/uptane/delegation.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::uptane {
namespace {

constexpr std::size_t delegation_keys_max = 4 * role_keys_max;
constexpr std::uint32_t bin_hash_bits = 32;  // TAP 15: of the digest's first four bytes

Result<std::vector<std::string>> read_texts(const json::Object& from, std::string_view name) {
    TRY(const json::Array* list, json::array(from, name));
    if (list->size() > delegated_paths_max)
        return fail(faults::bad_member,
                    std::format("{} '{}', allowed are {}", list->size(), name, delegated_paths_max));
    std::vector<std::string> texts;
    for (const json::Value& value : *list) {
        if (!value.is_string() || value.get_string().size() > 1024)
            return fail(faults::bad_member, std::format("'{}' must be texts of at most 1024 bytes", name));
        texts.emplace_back(value.get_string());
    }
    return texts;
}

// A role's name becomes part of a file's name; in our dialect it is one that needs no quoting.
Result<std::string> read_role_name(const json::Object& from, std::string_view member, const Rules& rules) {
    TRY(std::string name, json::string(from, member));
    constexpr std::string_view top_level[] = {"root", "timestamp", "snapshot", "targets"};
    if (name.empty() || name.size() > role_name_size_bytes_max ||
        std::ranges::find(top_level, name) != std::end(top_level))
        return fail(faults::bad_member, std::format("'{:.40}' cannot name a delegated role", name));
    if (rules.is_strict()) ENSURE(check_name(name, "delegated role"));
    return name;
}

Result<std::vector<HardwareId>> read_hardware(const json::Object& from) {
    std::vector<HardwareId> ids;
    if (!json::has(from, "hardware_ids")) return ids;
    TRY(const auto texts, read_texts(from, "hardware_ids"));
    for (const std::string& text : texts) {
        TRY(const HardwareId id, HardwareId::parse(text));
        ids.push_back(id);
    }
    if (ids.empty()) return fail(faults::bad_member, "'hardware_ids' is empty: nobody could use the delegation");
    return ids;
}

Result<Delegation> read_delegation(const json::Object& from, const Keys& keys, const Rules& rules) {
    Delegation delegation;
    TRY(delegation.role, read_role_name(from, "name", rules));
    TRY(delegation.keys, read_role_keys(from, keys, rules));
    TRY(const bool terminating, json::boolean(from, "terminating"));
    delegation.terminating = terminating ? Terminating::yes : Terminating::no;
    const bool by_paths = json::has(from, "paths");
    if (by_paths == json::has(from, "path_hash_prefixes"))
        return fail(faults::bad_member, "a delegation has either 'paths' or 'path_hash_prefixes'");
    if (by_paths) {
        TRY(delegation.paths, read_texts(from, "paths"));
    } else {
        TRY(delegation.path_hash_prefixes, read_texts(from, "path_hash_prefixes"));
    }
    TRY(delegation.hardware, read_hardware(from));
    return delegation;
}

Result<HashBins> read_bins(const json::Object& from, const Keys& keys, const Rules& rules) {
    HashBins bins;
    TRY(bins.name_prefix, read_role_name(from, "name_prefix", rules));
    TRY(const std::uint64_t bits, json::number(from, "bit_length", rules.is_strict() ? bit_length_max : bin_hash_bits));
    if (bits == 0) return fail(faults::bad_member, "'bit_length' is 0");
    bins.bit_length = static_cast<std::uint32_t>(bits);
    TRY(bins.keys, read_role_keys(from, keys, rules));
    return bins;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
    std::size_t p = 0, t = 0;
    std::size_t star = std::string_view::npos, resume = 0;  // where the last '*' stands, and what it has not eaten yet
    while (t < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos && path[resume] != '/') {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool covers(const Delegation& delegation, std::string_view target_path) {
    if (std::ranges::any_of(delegation.paths, [&](const auto& pattern) { return matches(pattern, target_path); }))
        return true;
    if (delegation.path_hash_prefixes.empty()) return false;
    const std::string digest = to_hex(crypto::sha256(view_of(target_path)));
    return std::ranges::any_of(delegation.path_hash_prefixes,
                               [&](const auto& prefix) { return !prefix.empty() && digest.starts_with(prefix); });
}

std::string bin_of(const HashBins& bins, std::string_view target_path) {
    const Sha256Digest digest = crypto::sha256(view_of(target_path));
    const std::uint32_t bin = load_be<std::uint32_t>(digest.data()) >> (bin_hash_bits - bins.bit_length);
    const std::size_t digits = (bins.bit_length + 3) / 4;
    return std::format("{}-{:0{}x}", bins.name_prefix, bin, digits);
}

Result<Delegations> read_delegations(const json::Object& from, const Rules& rules) {
    Delegations delegations;
    TRY(const json::Object* keys, json::object(from, "keys"));
    TRY(delegations.keys, read_keys(*keys, rules, delegation_keys_max));
    if (json::has(from, "succinct_roles")) {
        if (json::has(from, "roles"))
            return fail(faults::bad_member, "'delegations' have either 'roles' or 'succinct_roles'");
        TRY(const json::Object* bins, json::object(from, "succinct_roles"));
        TRY(delegations.bins, read_bins(*bins, delegations.keys, rules));
        return delegations;
    }
    TRY(const json::Array* roles, json::array(from, "roles"));
    if (roles->size() > delegated_roles_max)
        return fail(faults::bad_member,
                    std::format("{} delegated 'roles', allowed are {}", roles->size(), delegated_roles_max));
    std::set<std::string> names;
    for (const json::Value& value : *roles) {
        TRY(const json::Object* object, json::as_object(value, "a delegation"));
        TRY(Delegation delegation, read_delegation(*object, delegations.keys, rules));
        if (!names.insert(delegation.role).second)
            return fail(faults::bad_member, std::format("role '{:.60}' is delegated to twice", delegation.role));
        delegations.roles.push_back(std::move(delegation));
    }
    return delegations;
}

json::Object to_json(const Delegations& delegations) {
    json::Object object{{"keys", to_json(delegations.keys)}};
    if (delegations.bins) {
        json::Object bins = to_json(delegations.bins->keys);
        bins["name_prefix"] = delegations.bins->name_prefix;
        bins["bit_length"] = delegations.bins->bit_length;
        object["succinct_roles"] = std::move(bins);
        return object;
    }
    json::Array roles;
    for (const Delegation& delegation : delegations.roles) {
        json::Object role = to_json(delegation.keys);
        role["name"] = delegation.role;
        role["terminating"] = delegation.terminating == Terminating::yes;
        if (delegation.path_hash_prefixes.empty())
            role["paths"] = json::Array(delegation.paths.begin(), delegation.paths.end());
        else
            role["path_hash_prefixes"] =
                json::Array(delegation.path_hash_prefixes.begin(), delegation.path_hash_prefixes.end());
        json::Array hardware;
        for (const HardwareId& id : delegation.hardware) hardware.emplace_back(id.view());
        if (!hardware.empty()) role["hardware_ids"] = std::move(hardware);
        roles.emplace_back(std::move(role));
    }
    object["roles"] = std::move(roles);
    return object;
}

}  // namespace pitstop::uptane
