#include "apps/pitstop/repo_delegation.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_proposals.h"
#include "apps/pitstop/signing_status.h"
#include "core/uptane/repository.h"

#include <algorithm>
#include <bit>
#include <format>
#include <set>

namespace pitstop::cli {
namespace {

using uptane::Delegation;
using uptane::Delegations;
using uptane::Role;

std::unexpected<Error> bad(const DelegationOrder& order, std::string_view why) {
    return fail(faults::bad_delegation, std::format("{}: {}", order.role.view(), why));
}

Result<uptane::Targets> base_targets(const RepoOrder& order, const uptane::TrustSet& now) {
    TRY(const auto staged, list_staged(order));
    const StagedFile* const waiting = find_staged(staged, uptane::Repository::image, "targets");
    if (waiting && waiting->signatures.empty()) return uptane::read_targets(waiting->body, uptane::Repository::image);
    return *now.targets();
}

uptane::RoleKeys new_keys(const DelegationOrder& order, Delegations& to) {
    std::vector<crypto::PublicKey> keys;
    for (const NamedKey& one : order.keys) keys.push_back(one.key);
    return uptane::role_keys(keys, order.thresholds.value_or(uptane::FamilyThresholds{}), uptane::Policy::hybrid,
                             to.keys);
}

void drop_unused(Delegations& delegations) {
    std::set<std::string> used;
    for (const Delegation& one : delegations.roles) used.insert(one.keys.keyids.begin(), one.keys.keyids.end());
    if (delegations.bins) used.insert(delegations.bins->keys.keyids.begin(), delegations.bins->keys.keyids.end());
    std::erase_if(delegations.keys.by_id, [&](const auto& entry) { return !used.contains(entry.first); });
}

Result<void> add_role(const DelegationOrder& order, Delegations& to) {
    if (to.bins) return bad(order, "everything is delegated to hash bins");
    auto found = std::ranges::find(to.roles, order.role.view(), &Delegation::role);
    if (found == to.roles.end()) {
        if (order.keys.empty()) return bad(order, "a new role needs --key");
        if (order.paths.empty()) return bad(order, "a new role needs --paths or --bins");
        Delegation fresh;
        fresh.role = order.role.str();
        found = to.roles.insert(to.roles.end(), std::move(fresh));
    }
    if (!order.keys.empty()) found->keys = new_keys(order, to);
    if (order.thresholds) {
        found->keys.families = *order.thresholds;
        found->keys.threshold = order.thresholds->classical + order.thresholds->post_quantum;
    }
    if (!order.paths.empty()) found->paths = order.paths;
    found->terminating = order.terminating;
    found->hardware = order.hardware;
    return {};
}

Result<void> add_bins(const DelegationOrder& order, Delegations& to) {
    if (!std::has_single_bit(order.bins) || order.bins < 2 || order.bins > bins_max)
        return bad(order, std::format("{} bins; a power of two from 2 to {}", order.bins, bins_max));
    if (!to.roles.empty() || to.bins) return bad(order, "there are other delegations; bins stand alone");
    if (order.keys.empty()) return bad(order, "bins need --key");
    uptane::HashBins bins;
    bins.name_prefix = order.role.str();
    bins.bit_length = static_cast<std::uint32_t>(std::countr_zero(order.bins));
    bins.keys = new_keys(order, to);
    to.bins = std::move(bins);
    return {};
}

// A bin that nobody has filled is still looked into, so it must be there.
Result<void> stage_empty_bins(const RepoOrder& order, const DelegationOrder& delegation, View delegator) {
    const std::size_t digits = (static_cast<std::size_t>(std::countr_zero(delegation.bins)) + 3) / 4;
    for (std::uint32_t bin = 0; bin < delegation.bins; ++bin) {
        TRY(const DelegatedRole role, delegated_role(std::format("{}-{:0{}x}", delegation.role.view(), bin, digits)));
        TRY(const auto empty, uptane::make_targets(nullptr, {}, {1, order.now + order.lifetimes.targets}));
        TRY(StagedFile staged, propose_delegated(order, empty, role, delegator, {}));
        TRY([[maybe_unused]] const auto path, stage(order, std::move(staged), SignHere::yes));
    }
    return {};
}

// In the form in which it will be published, without signatures.
Result<Bytes> stage_targets(const RepoOrder& order, const uptane::TrustSet& now, uptane::Targets next) {
    next.version = now.targets()->version + 1;
    next.expires = order.now + order.lifetimes.targets;
    TRY([[maybe_unused]] const auto checked, uptane::read_targets(to_json(next), uptane::Repository::image));
    TRY(StagedFile staged, propose_targets(order, next, now.remembered(Role::root), now));
    TRY(Bytes file, proposal_of(staged));
    TRY([[maybe_unused]] const auto path, stage(order, std::move(staged), SignHere::yes));
    return file;
}

}  // namespace

Result<Published> delegate(const RepoOrder& order, const DelegationOrder& delegation) {
    TRY(const uptane::TrustSet now, load_published(order));
    TRY(uptane::Targets next, base_targets(order, now));
    if (!next.delegations) next.delegations.emplace();
    ENSURE(delegation.bins == 0 ? add_role(delegation, *next.delegations) : add_bins(delegation, *next.delegations));
    drop_unused(*next.delegations);
    for (const NamedKey& key : delegation.keys) ENSURE(remember_person(order, key));
    TRY(const Bytes file, stage_targets(order, now, std::move(next)));
    if (delegation.bins != 0) ENSURE(stage_empty_bins(order, delegation, file));
    return publish_staged(order);
}

Result<Published> withdraw(const RepoOrder& order, const DelegatedRole& role) {
    TRY(const uptane::TrustSet now, load_published(order));
    TRY(uptane::Targets next, base_targets(order, now));
    const auto is_it = [&role](const Delegation& one) { return one.role == role.view(); };
    if (!next.delegations || std::erase_if(next.delegations->roles, is_it) == 0)
        return fail(faults::not_delegated, role.view());
    drop_unused(*next.delegations);
    if (next.delegations->roles.empty()) next.delegations.reset();
    TRY([[maybe_unused]] const Bytes file, stage_targets(order, now, std::move(next)));
    return publish_staged(order);
}

}  // namespace pitstop::cli
