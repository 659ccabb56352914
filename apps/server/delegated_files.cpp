#include "apps/server/delegated_files.h"

#include <set>

namespace pitstop::server {
namespace {

using uptane::Chain;

// The roles that these Targets delegate to and the Snapshot lists, in order of priority.
std::vector<std::string> listed_roles(const uptane::Targets& targets, const uptane::Snapshot& snapshot) {
    std::vector<std::string> roles;
    if (!targets.delegations) return roles;
    for (const auto& delegation : targets.delegations->roles)
        if (snapshot.files.contains(delegation.role + ".json")) roles.push_back(delegation.role);
    if (!targets.delegations->bins) return roles;
    const std::string prefix = targets.delegations->bins->name_prefix + "-";
    for (auto at = snapshot.files.lower_bound(prefix); at != snapshot.files.end() && at->first.starts_with(prefix);
         ++at)
        roles.push_back(at->first.substr(0, at->first.size() - std::string_view(".json").size()));
    return roles;
}

Result<DelegatedFile> accept_one(uptane::TrustSet& trust, const Chain& chain, const FindDelegated& find, UtcTime now) {
    const std::string& role = chain.back();
    const uptane::FileInfo promised = trust.snapshot()->files.at(role + ".json");
    TRY(std::string bytes, find(role, promised.version));
    ENSURE(trust.accept_delegated(uptane::ReceivedTargets{view_of(bytes)}, {chain, promised}, now));
    TRY(const auto envelope, uptane::open_envelope(view_of(bytes), uptane::Role::targets));
    TRY(auto targets, uptane::read_targets(envelope.body, trust.repository()));
    return DelegatedFile{role, promised.version, std::move(bytes), std::move(targets)};
}

}  // namespace

Result<std::vector<DelegatedFile>> accept_all_delegated(uptane::TrustSet& trust, const FindDelegated& find,
                                                        UtcTime now) {
    std::vector<DelegatedFile> files;
    std::vector<Chain> open;  // first in, first judged: a delegator always before those it delegates to
    std::set<std::string> known;
    const auto note = [&](const Chain& of, const uptane::Targets& targets) {
        for (const std::string& role : listed_roles(targets, *trust.snapshot())) {
            if (!known.insert(role).second) continue;
            open.push_back(of);
            open.back().push_back(role);
        }
    };
    note({"targets"}, *trust.targets());
    for (std::size_t i = 0; i < open.size(); ++i) {
        const Chain chain = open[i];
        TRY(DelegatedFile file, accept_one(trust, chain, find, now));
        note(chain, file.targets);
        files.push_back(std::move(file));
    }
    return files;
}

}  // namespace pitstop::server
