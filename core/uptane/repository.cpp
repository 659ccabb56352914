#include "core/uptane/repository.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <format>
#include <set>

namespace pitstop::uptane {

RoleKeys role_keys(std::span<const crypto::PublicKey> signers, FamilyThresholds thresholds, Policy policy, Keys& keys) {
    RoleKeys role;
    for (const crypto::PublicKey& key : signers) {
        keys.by_id.emplace(key.key_id(), key);
        role.keyids.push_back(key.key_id());
    }
    role.families = policy == Policy::hybrid ? thresholds : FamilyThresholds{0, 0};
    role.threshold = policy == Policy::hybrid ? thresholds.classical + thresholds.post_quantum : thresholds.classical;
    return role;
}

Result<Root> make_root(const RolePublicKeys& keys, Edition edition, const RootOptions& options) {
    Root root{edition.version, edition.expires, {}, {}, {}, true};
    const auto give = [&](Role role, const std::vector<crypto::PublicKey>& signers) {
        const auto at = static_cast<std::size_t>(role);
        root.roles[at] = role_keys(signers, options.thresholds[at], options.policy, root.keys);
        if (role != Role::root) root.roles[at].batches = options.batches;
    };
    give(Role::root, keys.root);
    give(Role::timestamp, keys.timestamp);
    give(Role::snapshot, keys.snapshot);
    give(Role::targets, keys.targets);
    if (!keys.time.empty()) root.time = role_keys(keys.time, {}, options.policy, root.keys);
    // The reader knows every rule; a Root that it refuses must not exist.
    return read_root(to_json(root), {.policy = options.policy});
}

Result<Bytes> sign_root(const Root& root, std::span<crypto::Signer* const> signers) {
    return sign_for(root, Role::root, to_json(root), signers);
}

Result<Targets> make_targets(const Targets* previous, std::span<const NamedTarget> additions, Edition edition) {
    Targets targets{edition.version, edition.expires, {}, {}, {}};
    if (previous) {
        if (edition.version <= previous->version)
            return fail(faults::version_not_higher,
                        std::format("targets {} after {}", edition.version, previous->version));
        targets.targets = previous->targets;
        targets.delegations = previous->delegations;
    }
    for (const NamedTarget& addition : additions) {
        const auto [there, added] = targets.targets.emplace(addition.name, addition.info);
        if (!added && there->second != addition.info) return fail(faults::target_changed, addition.name.view());
    }
    return targets;
}

Result<Targets> direct(const Vin& vin, std::span<const NamedTarget> assignments, Edition edition) {
    Targets targets{edition.version, edition.expires, vin, {}, {}};
    std::set<EcuId> ecus;
    for (const NamedTarget& assignment : assignments) {
        if (!assignment.info.ecu)
            return fail(faults::bad_member, std::format("{:.120} names no ECU", assignment.name.view()));
        if (!ecus.insert(*assignment.info.ecu).second) return fail(faults::duplicate_ecu, assignment.info.ecu->str());
        if (!targets.targets.emplace(assignment.name, assignment.info).second)
            return fail(faults::bad_member, std::format("{:.120} is assigned twice", assignment.name.view()));
    }
    return targets;
}

FileInfo info_of(std::uint32_t version, View file) {
    return {version, file.size(), crypto::sha256(file), crypto::sha512(file)};
}

Snapshot make_snapshot(const FileInfo& targets, Edition edition, const std::map<std::string, FileInfo>& delegated) {
    Snapshot snapshot{edition.version, edition.expires, {{"targets.json", targets}}, {}};
    for (const auto& [role, info] : delegated) snapshot.files.emplace(role + ".json", info);
    return snapshot;
}

Timestamp make_timestamp(const FileInfo& snapshot, Edition edition) {
    return {edition.version, edition.expires, snapshot, {}};
}

Result<Bytes> sign_for(const Root& root, Role role, const json::Object& body,
                       std::span<crypto::Signer* const> signers) {
    TRY(Bytes file, sign(body, signers));
    TRY(const Envelope envelope, open_envelope(file, role));
    ENSURE(check_signatures(envelope, root, role));
    return file;
}

Result<Publication> publish(const Root& root, const Targets& targets, const PublicationPlan& plan,
                            const RoleSigners& signers) {
    Publication made{targets.version, plan.snapshot.version, plan.timestamp.version, {}, {}, {}};
    TRY(made.targets, sign_for(root, Role::targets, to_json(targets), signers.targets));
    Snapshot snapshot = make_snapshot(info_of(targets.version, made.targets), plan.snapshot, plan.delegated);
    snapshot.vin = targets.vin;
    TRY(made.snapshot, sign_for(root, Role::snapshot, to_json(snapshot), signers.snapshot));
    Timestamp timestamp = make_timestamp(info_of(snapshot.version, made.snapshot), plan.timestamp);
    timestamp.vin = targets.vin;
    TRY(made.timestamp, sign_for(root, Role::timestamp, to_json(timestamp), signers.timestamp));
    return made;
}

}  // namespace pitstop::uptane
