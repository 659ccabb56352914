#include "apps/pitstop/repo_campaign.h"

#include "apps/pitstop/campaign_check.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_proposals.h"
#include "apps/pitstop/signing_status.h"
#include "core/uptane/repository.h"

#include <algorithm>
#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::NamedTarget;
using uptane::Role;

Result<std::vector<NamedTarget>> targets_of(const RepoOrder& order, const fs::path& campaign_folder) {
    TRY(const auto trusted, load_public_keys(order.packages()));
    TRY(const auto metadata, verify_campaign(campaign_folder, trusted));
    std::vector<NamedTarget> targets;
    for (const package::RecordEntry& record : metadata.records) {
        uptane::TargetInfo info;
        info.length_bytes = record.image_size_bytes;
        info.sha256 = record.sha256;
        info.sha512 = record.sha512;
        info.hardware = {record.hardware};
        info.version = record.version;
        info.release_counter = record.release_counter;
        info.constraints = record.constraints;
        targets.push_back({record.target, std::move(info)});
    }
    return targets;
}

Result<uptane::Targets> targets_in(View file) {
    TRY(const auto envelope, uptane::open_envelope(file, Role::targets));
    return uptane::read_targets(envelope.body, uptane::Repository::image);
}

// What is published of a role: the file, and whether it still counts. After a change of a supplier's keys its old file
// does not: what is in it must be vouched for anew.
struct Standing {
    Bytes file;     // empty: nothing yet
    bool believed;  // by vehicles, under the keys of today
};

// An unsigned proposal that waits already is added to, so that two campaigns can go through one ceremony.
Result<uptane::Targets> base_for(const RepoOrder& order, const std::string& role, const Standing& now) {
    TRY(const auto staged, list_staged(order));
    const StagedFile* const waiting = find_staged(staged, uptane::Repository::image, role);
    if (waiting && waiting->signatures.empty()) return uptane::read_targets(waiting->body, uptane::Repository::image);
    return now.believed ? targets_in(now.file) : uptane::Targets{};
}

struct Addition {
    uptane::Targets next;
    std::vector<TargetName> added;
};

// Version and date follow what is published, whatever the base.
Result<Addition> add_to(const RepoOrder& order, const std::string& role, const Standing& now,
                        std::span<const NamedTarget> additions) {
    TRY(uptane::Targets base, base_for(order, role, now));
    uptane::Targets before;
    before.version = 0;
    if (!now.file.empty()) {
        TRY(before, targets_in(now.file));
    }
    Addition made;
    for (const NamedTarget& one : additions)
        if (!now.believed || !before.targets.contains(one.name)) made.added.push_back(one.name);
    base.version = before.version;
    TRY(made.next, uptane::make_targets(&base, additions, {before.version + 1, order.now + order.lifetimes.targets}));
    return made;
}

Result<void> check_covered(const uptane::Delegation& delegation, std::span<const NamedTarget> additions) {
    for (const NamedTarget& one : additions) {
        if (!covers(delegation, one.name.view()))
            return fail(faults::not_covered, std::format("{} for {}", one.name.view(), delegation.role));
        for (const HardwareId& id : one.info.hardware)
            if (!delegation.hardware.empty() && !std::ranges::contains(delegation.hardware, id))
                return fail(faults::not_covered, std::format("hardware {} for {}", id.view(), delegation.role));
    }
    return {};
}

// Which role vouches for which of the images.
Result<std::map<std::string, std::vector<NamedTarget>>> by_role(const uptane::Targets& top, const std::string& as,
                                                                const std::vector<NamedTarget>& additions) {
    std::map<std::string, std::vector<NamedTarget>> roles;
    if (!top.delegations) return fail(faults::not_delegated, as);
    if (const auto& bins = top.delegations->bins; bins && bins->name_prefix == as) {
        for (const NamedTarget& one : additions) roles[bin_of(*bins, one.name.view())].push_back(one);
        return roles;
    }
    const auto found = std::ranges::find(top.delegations->roles, as, &uptane::Delegation::role);
    if (found == top.delegations->roles.end()) return fail(faults::not_delegated, as);
    ENSURE(check_covered(*found, additions));
    roles[as] = additions;
    return roles;
}

Result<std::vector<TargetName>> stage_delegated(const RepoOrder& order, const uptane::TrustSet& now,
                                                const std::string& as, const std::vector<NamedTarget>& additions) {
    TRY(const auto roles, by_role(*now.targets(), as, additions));
    std::vector<TargetName> added;
    for (const auto& [name, images] : roles) {
        TRY(const DelegatedRole role, delegated_role(name));
        Standing standing{{}, !now.remembered(name).empty()};
        TRY(standing.file, delegated_file(order, now, name));
        TRY(const Addition made, add_to(order, name, standing, images));
        if (made.added.empty()) continue;
        added.insert(added.end(), made.added.begin(), made.added.end());
        TRY(StagedFile staged, propose_delegated(order, made.next, role, now.remembered(Role::targets), standing.file));
        TRY([[maybe_unused]] const fs::path path, stage(order, std::move(staged), SignHere::yes));
    }
    return added;
}

}  // namespace

Result<CampaignPublished> publish_campaign(const RepoOrder& order, const fs::path& campaign_folder,
                                           const std::string& as) {
    TRY(const uptane::TrustSet now, load_published(order));
    TRY(const auto additions, targets_of(order, campaign_folder));
    CampaignPublished done;
    if (as == "targets") {
        const View file = now.remembered(Role::targets);
        TRY(Addition made, add_to(order, as, {Bytes(file.begin(), file.end()), true}, additions));
        done.added = std::move(made.added);
        if (!done.added.empty()) {
            TRY(StagedFile staged, propose_targets(order, made.next, now.remembered(Role::root), now));
            TRY([[maybe_unused]] const fs::path path, stage(order, std::move(staged), SignHere::yes));
        }
    } else {
        TRY(done.added, stage_delegated(order, now, as, additions));
    }
    if (!done.added.empty()) {
        TRY(done.published, publish_staged(order));
        return done;
    }
    done.published.targets_version = now.targets()->version;
    done.published.snapshot_version = now.snapshot()->version;
    done.published.timestamp_version = now.timestamp()->version;
    return done;
}

}  // namespace pitstop::cli
