#include "apps/pitstop/role_words.h"

#include "apps/pitstop/role_names.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <set>

namespace pitstop::cli {
namespace {

using uptane::RoleKeys;

std::size_t count(const RoleKeys& role, const uptane::Keys& keys, crypto::Family family) {
    std::set<std::string> different;
    for (const std::string& keyid : role.keyids)
        if (const crypto::PublicKey* key = keys.find(keyid); key && crypto::family(key->type()) == family)
            different.insert(key->key_id());
    return different.size();
}

std::int64_t days_between(UtcTime from, UtcTime to) { return (to.seconds - from.seconds) / 86'400; }

// What differs between the holders of one role, as "role: …" lines.
void compare_holders(std::string_view role, const RoleKeys& before, const uptane::Keys& old_keys, const RoleKeys& after,
                     const uptane::Keys& new_keys, const Names& names, std::vector<std::string>& lines) {
    const auto old_ids = material_of(before, old_keys), new_ids = material_of(after, new_keys);
    for (const std::string& id : new_ids)
        if (!old_ids.contains(id)) lines.push_back(std::format("{}: {} comes", role, called(id, names)));
    for (const std::string& id : old_ids)
        if (!new_ids.contains(id)) lines.push_back(std::format("{}: {} goes", role, called(id, names)));
    const std::string old_words = threshold_words(before, old_keys), new_words = threshold_words(after, new_keys);
    if (old_words != new_words) lines.push_back(std::format("{}: now {}, before {}", role, new_words, old_words));
    if (before.batches != after.batches)
        lines.push_back(std::format("{}: batch signatures {}", role,
                                    after.batches == uptane::BatchSignatures::allowed ? "allowed" : "refused"));
}

void compare_delegations(const uptane::Targets& before, const uptane::Targets& after, const Names& names,
                         std::vector<std::string>& lines) {
    static const uptane::Delegations none;
    const uptane::Delegations& old_list = before.delegations ? *before.delegations : none;
    const uptane::Delegations& new_list = after.delegations ? *after.delegations : none;
    const auto named = [](const uptane::Delegations& list, const std::string& role) {
        return std::ranges::find(list.roles, role, &uptane::Delegation::role);
    };
    for (const uptane::Delegation& one : new_list.roles) {
        const auto old = named(old_list, one.role);
        if (old == old_list.roles.end()) {
            lines.push_back(std::format("delegates to {}", scope_words(one)));
            lines.push_back(std::format("{}: {}", one.role, threshold_words(one.keys, new_list.keys)));
            continue;
        }
        if (scope_words(*old) != scope_words(one))
            lines.push_back(std::format("now {}; before {}", scope_words(one), scope_words(*old)));
        compare_holders(one.role, old->keys, old_list.keys, one.keys, new_list.keys, names, lines);
    }
    for (const uptane::Delegation& one : old_list.roles)
        if (named(new_list, one.role) == new_list.roles.end())
            lines.push_back(std::format("no longer delegates to {}", one.role));
    if (old_list.bins != new_list.bins)
        lines.push_back(new_list.bins
                            ? std::format("delegates everything to {} bins '{}-…', {}",
                                          std::uint64_t{1} << new_list.bins->bit_length, new_list.bins->name_prefix,
                                          threshold_words(new_list.bins->keys, new_list.keys))
                            : "no longer delegates to bins");
}

}  // namespace

std::string threshold_words(const RoleKeys& role, const uptane::Keys& keys) {
    using enum crypto::Family;
    return std::format("{} of {} classical and {} of {} post-quantum", role.families.classical,
                       count(role, keys, classical), role.families.post_quantum, count(role, keys, post_quantum));
}

std::string until_words(UtcTime expires, UtcTime now) {
    if (expires <= now) return std::format("ended {}", expires.str());
    return std::format("until {}, {} days", expires.str(), days_between(now, expires));
}

Freshness freshness(std::string_view role, UtcTime expires, UtcTime now) {
    using std::chrono::days;
    const days early = role == "root"        ? days(60)
                       : role == "timestamp" ? days(7)
                       : role == "snapshot"  ? days(21)
                                             : days(30);
    if (expires <= now) return Freshness::expired;
    return expires < now + early ? Freshness::soon : Freshness::fine;
}

std::string_view to_string(Freshness freshness) {
    switch (freshness) {
        case Freshness::fine: return "fine";
        case Freshness::soon: return "expires soon";
        case Freshness::expired: return "EXPIRED";
    }
    return "EXPIRED";
}

std::string scope_words(const uptane::Delegation& delegation) {
    std::string words = delegation.role + ":";
    for (const std::string& path : delegation.paths) words += " " + path;
    for (const std::string& prefix : delegation.path_hash_prefixes) words += " hash " + prefix;
    if (delegation.terminating == uptane::Terminating::yes) words += ", ends the search";
    if (!delegation.hardware.empty()) words += ", hardware";
    for (const HardwareId& id : delegation.hardware) words += " " + id.str();
    return words;
}

std::vector<std::string> changes(const uptane::Root& before, const uptane::Root& after, const Names& names) {
    std::vector<std::string> lines;
    static const RoleKeys nobody{{}, 0, {0, 0}, uptane::BatchSignatures::refused};
    for (const char* role : {"root", "targets", "snapshot", "timestamp", "time"}) {
        const RoleKeys* const old = slot_of(before, role);
        const RoleKeys* const now = slot_of(after, role);
        if (!old && !now) continue;
        compare_holders(role, old ? *old : nobody, before.keys, now ? *now : nobody, after.keys, names, lines);
    }
    return lines;
}

std::vector<std::string> changes(const uptane::Targets& before, const uptane::Targets& after, const Names& names) {
    std::vector<std::string> lines;
    for (const auto& [path, info] : after.targets) {
        const auto old = before.targets.find(path);
        const std::string_view word = old == before.targets.end() ? "adds" : "CHANGES";
        if (old != before.targets.end() && old->second == info) continue;
        std::string hardware;
        for (const HardwareId& id : info.hardware) hardware += " " + id.str();
        lines.push_back(std::format("{} {}, version {}, for{}, {} bytes, release counter {}", word, path.view(),
                                    info.version.str(), hardware, info.length_bytes, info.release_counter));
        if (info.sha256) lines.push_back(std::format("    SHA-256 {}", to_hex(*info.sha256)));
    }
    for (const auto& [path, info] : before.targets)
        if (!after.targets.contains(path)) lines.push_back(std::format("removes {}", path.view()));
    compare_delegations(before, after, names, lines);
    return lines;
}

}  // namespace pitstop::cli
