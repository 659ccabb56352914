#include "apps/pitstop/repo_rotation.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_proposals.h"
#include "core/uptane/repository.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Repository;
using uptane::Root;

constexpr std::size_t key_id_digits_min = 8;  // what people read out to each other

Result<std::uint32_t> number_in(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || value == 0 || value > uptane::role_keys_max)
        return fail(faults::bad_threshold, std::format("'{:.40}'", text));
    return value;
}

Result<std::string> find_key(const uptane::RoleKeys& role, const uptane::Keys& keys, const std::string& prefix) {
    std::vector<std::string> found;
    for (const std::string& keyid : role.keyids) {
        const crypto::PublicKey* const key = keys.find(keyid);
        const std::string& id = key ? key->key_id() : keyid;
        if (prefix.size() >= key_id_digits_min && id.starts_with(prefix)) found.push_back(keyid);
    }
    if (found.size() != 1)
        return fail(faults::unknown_key_id,
                    std::format("{} keys of the role begin with '{:.64}'", found.size(), prefix));
    return found.front();
}

// Fresh keys in …/next, so that the ones in use stay where they are until the Root is in force.
Result<std::vector<crypto::PublicKey>> fresh_pair(const RepoOrder& order, const NamedRole& role) {
    const Passphrase seal = role.place == KeyPlace::offline ? order.offline : Passphrase{};
    TRY(const SigningPair pair, make_signing_pair(order.next_keys(role.place), role.name, seal));
    return pair.public_keys();
}

// Those whose private halves lie in this folder.
Result<std::vector<std::string>> pair_here(const RepoOrder& order, const RotationOrder& rotation,
                                           const uptane::RoleKeys& role, const uptane::Keys& keys) {
    std::vector<std::string> here;
    for (const char* half : {"classical", "pq"}) {
        const fs::path file = order.keys(rotation.role.place) / std::format("{}-{}.pub", rotation.role.name, half);
        std::error_code failure;
        if (!fs::exists(file, failure)) continue;
        TRY(const NamedKey named, read_named_key(file));
        for (const std::string& keyid : role.keyids)
            if (const auto* key = keys.find(keyid); key && *key == named.key) here.push_back(keyid);
    }
    return here;
}

bool asks_for_fresh_pair(const RotationOrder& rotation) {
    return rotation.add.empty() && rotation.remove.empty() && !rotation.thresholds && !rotation.lifetime;
}

Result<void> change_holders(const RepoOrder& order, const RotationOrder& rotation, Root& root) {
    if (rotation.role.in_root == "time" && !root.time) root.time.emplace();
    uptane::RoleKeys* const slot = slot_of(root, rotation.role.in_root);
    std::vector<std::string> going;
    std::vector<crypto::PublicKey> coming;
    for (const std::string& prefix : rotation.remove) {
        TRY(std::string keyid, find_key(*slot, root.keys, prefix));
        going.push_back(std::move(keyid));
    }
    for (const NamedKey& key : rotation.add) {
        coming.push_back(key.key);
        ENSURE(remember_person(order, key));
    }
    if (asks_for_fresh_pair(rotation)) {
        TRY(going, pair_here(order, rotation, *slot, root.keys));
        if (going.empty() && !slot->keyids.empty()) return fail(faults::no_online_key, rotation.role.name);
        TRY(coming, fresh_pair(order, rotation.role));
    }
    std::erase_if(slot->keyids, [&](const std::string& keyid) { return std::ranges::contains(going, keyid); });
    for (const crypto::PublicKey& key : coming) {
        root.keys.by_id.emplace(key.key_id(), key);
        if (!std::ranges::contains(slot->keyids, key.key_id())) slot->keyids.push_back(key.key_id());
    }
    if (rotation.thresholds) slot->families = *rotation.thresholds;
    slot->threshold = slot->families.classical + slot->families.post_quantum;
    return {};
}

// Root holds no key that no role uses.
void drop_unused(Root& root) {
    std::set<std::string> used;
    for (const uptane::RoleKeys& role : root.roles) used.insert(role.keyids.begin(), role.keyids.end());
    if (root.time) used.insert(root.time->keyids.begin(), root.time->keyids.end());
    std::erase_if(root.keys.by_id, [&](const auto& entry) { return !used.contains(entry.first); });
}

// Several changes may go into one Root, until somebody has signed it.
Result<Root> base_root(const RepoOrder& order, Repository repository, const uptane::TrustSet& now) {
    TRY(const auto staged, list_staged(order));
    const StagedFile* const waiting = find_staged(staged, repository, "root");
    if (!waiting) return now.root();
    if (!waiting->signatures.empty())
        return fail(faults::already_signed, (order.staged() / *waiting->file_name()).string());
    return uptane::read_root(waiting->body);
}

bool same_people(const Root& a, const Root& b, std::string_view role) {
    const uptane::RoleKeys *const of_a = slot_of(a, role), *const of_b = slot_of(b, role);
    return (of_a == nullptr) == (of_b == nullptr) &&
           (!of_a || (material_of(*of_a, a.keys) == material_of(*of_b, b.keys) && of_a->families == of_b->families));
}

// What the old keys signed counts no more: the same content again, one version higher, for the new keys.
Result<fs::path> stage_same_targets(const RepoOrder& order, const MaybeTrust& now, const StagedFile& root) {
    TRY(const auto staged, list_staged(order));
    uptane::Targets next = *now->targets();
    if (const StagedFile* const waiting = find_staged(staged, Repository::image, "targets")) {
        TRY(next, uptane::read_targets(waiting->body, Repository::image));
    }
    next.version = now->targets()->version + 1;
    next.expires = order.now + order.lifetimes.targets;
    TRY(const Bytes root_file, proposal_of(root));
    TRY(StagedFile targets, propose_targets(order, next, root_file, now));
    return stage(order, std::move(targets), SignHere::no);
}

}  // namespace

Result<uptane::FamilyThresholds> thresholds_from(std::string_view text) {
    constexpr std::string_view classical = "classical=", post_quantum = "post_quantum=";
    uptane::FamilyThresholds thresholds;
    if (!text.starts_with(classical)) {
        TRY(const std::uint32_t both, number_in(text));
        return uptane::FamilyThresholds{both, both};
    }
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos || !text.substr(comma + 1).starts_with(post_quantum))
        return fail(faults::bad_threshold, std::format("'{:.40}'", text));
    TRY(thresholds.classical, number_in(text.substr(classical.size(), comma - classical.size())));
    TRY(thresholds.post_quantum, number_in(text.substr(comma + 1 + post_quantum.size())));
    return thresholds;
}

Result<std::vector<fs::path>> rotate(const RepoOrder& order, const RotationOrder& rotation) {
    const Repository repository = rotation.role.repository;
    TRY(const MaybeTrust now,
        repository == Repository::image ? load_image_repository(order) : load_roots(order, repository));
    if (!now) return fail(faults::no_repository, order.folder.string());
    TRY(const Root base, base_root(order, repository, *now));
    Root next = base;
    ENSURE(change_holders(order, rotation, next));
    drop_unused(next);
    const bool same = same_people(base, next, rotation.role.in_root);
    if (same && !rotation.lifetime) return fail(faults::nothing_changes, rotation.role.name);
    next.version = now->root().version + 1;
    next.expires = order.now + rotation.lifetime.value_or(order.lifetimes.root);
    TRY(StagedFile root, propose_root(order, repository, next, now));
    std::vector<fs::path> staged;
    TRY(staged.emplace_back(), stage(order, root, SignHere::no));
    if (repository == Repository::image && !same_people(now->root(), next, "targets") && now->targets()) {
        TRY(staged.emplace_back(), stage_same_targets(order, now, root));
    }
    return staged;
}

}  // namespace pitstop::cli
