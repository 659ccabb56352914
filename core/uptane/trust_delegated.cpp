// The walk through the delegations: the first role in order that knows the target speaks for it (TUF §5.6.7).
#include "core/uptane/faults.h"
#include "core/uptane/promise.h"
#include "core/uptane/trust_set.h"

#include <algorithm>
#include <format>
#include <ranges>
#include <set>

namespace pitstop::uptane {
namespace {

const std::string top_level = "targets";

bool meant_for(const Delegation& delegation, const std::optional<HardwareId>& hardware) {
    return !hardware || delegation.hardware.empty() ||
           std::ranges::find(delegation.hardware, *hardware) != delegation.hardware.end();
}

// The delegated roles to look into for this target, the first one first; `terminating` when no other role may speak.
struct Next {
    std::vector<std::string> roles;
    Terminating terminating = Terminating::no;
};

Next next_roles(const Delegations& delegations, const TargetPath& target, const std::optional<HardwareId>& hardware) {
    if (delegations.bins) return {{bin_of(*delegations.bins, target.view())}, Terminating::no};
    Next next;
    for (const Delegation& delegation : delegations.roles) {
        if (!covers(delegation, target.view()) || !meant_for(delegation, hardware)) continue;
        next.roles.push_back(delegation.role);
        if (delegation.terminating == Terminating::yes) {
            next.terminating = Terminating::yes;
            break;
        }
    }
    return next;
}

std::string name_of(const Chain& chain) {
    std::string name = chain.front();
    for (const std::string& role : chain | std::views::drop(1)) name += " > " + role;
    return name;
}

}  // namespace

const Targets* TrustSet::accepted(const Chain& chain) const {
    if (chain.size() == 1) return targets();
    const auto found = delegated_.find(chain);
    return found == delegated_.end() ? nullptr : &found->second;
}

Result<NeededRole> TrustSet::promise_for(Chain chain) const {
    if (!snapshot()) return NeededRole{std::move(chain), {}};  // a repository without listing roles
    const auto promised = snapshot()->files.find(chain.back() + ".json");
    if (promised == snapshot()->files.end()) return fail(faults::not_in_snapshot, name_of(chain));
    return NeededRole{std::move(chain), promised->second};
}

Result<Lookup> TrustSet::look_up(const TargetPath& target, const std::optional<HardwareId>& hardware) const {
    if (!targets()) return fail(faults::out_of_order, "a target before the top-level Targets");
    std::vector<Chain> open{{top_level}};  // the last one is next
    std::set<std::string> visited;
    while (!open.empty()) {
        Chain chain = std::move(open.back());
        open.pop_back();
        if (visited.contains(chain.back())) continue;
        if (visited.size() > rules_.roles_per_search_max)
            return fail(faults::search_too_long, std::format("{:.100}: {} roles", target.view(), visited.size()));
        const Targets* role = accepted(chain);
        if (!role) {
            TRY(NeededRole needed, promise_for(std::move(chain)));
            return Lookup{nullptr, std::move(needed)};
        }
        visited.insert(chain.back());
        if (const auto found = role->targets.find(target); found != role->targets.end())
            return Lookup{&found->second, {}};
        if (!role->delegations) continue;
        const Next next = next_roles(*role->delegations, target, hardware);
        if (next.terminating == Terminating::yes) open.clear();
        for (const std::string& name : next.roles | std::views::reverse) {
            open.push_back(chain);
            open.back().push_back(name);
        }
    }
    return Lookup{};
}

// The keys that the delegator itself, and nobody else, gives to the last role of the chain.
Result<TrustSet::Delegator> TrustSet::delegator_of(const Chain& chain) const {
    const Targets* parent = chain.size() < 2 ? nullptr : accepted(Chain(chain.begin(), chain.end() - 1));
    if (!parent || !parent->delegations)
        return fail(faults::out_of_order, std::format("{} before its delegator", name_of(chain)));
    const Delegations& delegations = *parent->delegations;
    if (delegations.bins) return Delegator{&delegations.keys, &delegations.bins->keys};
    const auto found = std::ranges::find(delegations.roles, chain.back(), &Delegation::role);
    if (found == delegations.roles.end())
        return fail(faults::out_of_order, std::format("{} is not delegated to", name_of(chain)));
    return Delegator{&delegations.keys, &found->keys};
}

Result<void> TrustSet::accept_delegated(ReceivedTargets next, const NeededRole& needed, UtcTime now) {
    TRY(const Delegator delegator, delegator_of(needed.chain));
    TRY(const NeededRole again, promise_for(needed.chain));
    const std::string& role = needed.role();
    ENSURE(check_promise(role, next.file, again.promised, rules_));
    TRY(const Envelope envelope, open_envelope(next.file, Role::targets, rules_));
    ENSURE(check_signatures(envelope, *delegator.keys, *delegator.role, role));
    TRY(Targets value, read_targets(envelope.body, repository_, rules_));
    if (snapshot()) ENSURE(check_promised_version(role, value.version, again.promised.version));
    ENSURE(check_not_expired(role, value.expires, now));
    delegated_.insert_or_assign(needed.chain, std::move(value));
    delegated_files_.insert_or_assign(role, Bytes(next.file.begin(), next.file.end()));
    return {};
}

View TrustSet::remembered(const std::string& delegated_role) const {
    const auto found = delegated_files_.find(delegated_role);
    return found == delegated_files_.end() ? View() : View(found->second);
}

}  // namespace pitstop::uptane
