#include "apps/pitstop/repo_walk.h"

#include "apps/pitstop/faults.h"
#include "core/uptane/trust_set.h"

#include <format>
#include <set>

namespace pitstop::cli {
namespace {

using uptane::Repository;
using uptane::Role;
using uptane::TrustSet;

constexpr std::size_t delegation_depth_max = 8;  // deeper than any search of a vehicle goes

void tell(const Walk& order, const std::string& file, std::string_view role, std::uint32_t version, UtcTime expires,
          const std::string& more) {
    order.on_step({file, std::format("version {}, {}{}", version, until_words(expires, order.now), more),
                   freshness(role, expires, order.now)});
}

Result<Bytes> needed(const Walk& order, const std::string& name, Role role) {
    TRY(auto file, order.fetch(name, uptane::size_bytes_max(role)));
    if (!file) return fail(faults::file_missing, name);
    return *std::move(file);
}

std::string signers_of(const uptane::Root& root, Role role) {
    return std::format("; asks for {}", threshold_words(root.of(role), root.keys));
}

Result<void> walk_roots(const Walk& order, TrustSet& trust) {
    for (;;) {
        const uptane::Root& root = trust.root();
        tell(order, uptane::file_name(Role::root, root.version), "root", root.version, root.expires,
             signers_of(root, Role::root));
        const std::string next = uptane::file_name(Role::root, root.version + 1);
        TRY(const auto file, order.fetch(next, uptane::size_bytes_max(Role::root)));
        if (!file) break;
        ENSURE(trust.succeed(uptane::ReceivedRoot{*file}));
    }
    if (trust.root().expires <= order.now)
        return fail(faults::root_ended,
                    std::format("Root {} ended {}", trust.root().version, trust.root().expires.str()));
    return {};
}

Result<void> walk_listing(const Walk& order, TrustSet& trust) {
    TRY(const Bytes timestamp, needed(order, "timestamp.json", Role::timestamp));
    ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{timestamp}, order.now));
    tell(order, "timestamp.json", "timestamp", trust.timestamp()->version, trust.timestamp()->expires, "");
    const std::string name = uptane::file_name(Role::snapshot, trust.timestamp()->snapshot.version);
    TRY(const Bytes snapshot, needed(order, name, Role::snapshot));
    ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{snapshot}, order.now));
    tell(order, name, "snapshot", trust.snapshot()->version, trust.snapshot()->expires,
         std::format(", lists {} files", trust.snapshot()->files.size()));
    return {};
}

std::vector<std::string> roles_of(const uptane::Delegations& delegations) {
    std::vector<std::string> roles;
    for (const uptane::Delegation& one : delegations.roles) roles.push_back(one.role);
    if (!delegations.bins) return roles;
    const std::size_t digits = (delegations.bins->bit_length + 3) / 4;
    for (std::uint32_t bin = 0; bin < std::uint32_t{1} << delegations.bins->bit_length; ++bin)
        roles.push_back(std::format("{}-{:0{}x}", delegations.bins->name_prefix, bin, digits));
    return roles;
}

Result<void> walk_delegations(const Walk& order, TrustSet& trust, const uptane::Chain& above,
                              const uptane::Targets& delegator, std::set<std::string>& visited) {
    if (!delegator.delegations || above.size() > delegation_depth_max) return {};
    for (const std::string& role : roles_of(*delegator.delegations)) {
        if (!visited.insert(role).second) continue;
        const auto listed = trust.snapshot()->files.find(role + ".json");
        if (listed == trust.snapshot()->files.end()) {
            order.on_step({role + ".json", "delegated to, and nothing published yet: vehicles find none of its images",
                           Freshness::fine});
            continue;
        }
        const uptane::FileInfo info = listed->second;
        const std::string name = uptane::file_name(role, info.version);
        TRY(const Bytes file, needed(order, name, Role::targets));
        uptane::Chain chain = above;
        chain.push_back(role);
        ENSURE(trust.accept_delegated(uptane::ReceivedTargets{file}, {chain, info}, order.now));
        TRY(const auto envelope, uptane::open_envelope(file, Role::targets));
        TRY(const uptane::Targets targets, uptane::read_targets(envelope.body, Repository::image));
        tell(order, name, role, targets.version, targets.expires, std::format(", {} images", targets.targets.size()));
        ENSURE(walk_delegations(order, trust, chain, targets, visited));
    }
    return {};
}

}  // namespace

Result<void> walk(const Walk& order) {
    TRY(TrustSet trust, TrustSet::from_root(order.repository, uptane::ReceivedRoot{order.first_root}));
    trust.start_cycle();
    ENSURE(walk_roots(order, trust));
    if (order.repository == Repository::director) return {};
    ENSURE(walk_listing(order, trust));
    const std::string name = uptane::file_name(Role::targets, trust.snapshot()->targets().version);
    TRY(const Bytes file, needed(order, name, Role::targets));
    ENSURE(trust.accept_targets(uptane::ReceivedTargets{file}, order.now));
    const uptane::Targets targets = *trust.targets();
    tell(order, name, "targets", targets.version, targets.expires, std::format(", {} images", targets.targets.size()));
    std::set<std::string> visited;
    return walk_delegations(order, trust, {"targets"}, targets, visited);
}

}  // namespace pitstop::cli
