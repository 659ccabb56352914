#include "apps/pitstop/repo_setup.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_proposals.h"
#include "core/uptane/repository.h"

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::BatchSignatures;
using uptane::Repository;

const Signers* signers_of(const SetupOrder& setup, const NamedRole& role) {
    if (role.place == KeyPlace::online) return nullptr;
    if (role.in_root == "targets") return &setup.targets;
    if (role.repository == Repository::director && !setup.director_root.keys.empty()) return &setup.director_root;
    return &setup.root;
}

// For each vehicle there is one Director file of these roles: signed one by one they would be the server's bottleneck.
BatchSignatures batches_of(const NamedRole& role) {
    const bool per_vehicle = role.in_root == "targets" || role.in_root == "snapshot" || role.in_root == "timestamp";
    return role.repository == Repository::director && per_vehicle ? BatchSignatures::allowed : BatchSignatures::refused;
}

Result<void> give(const RepoOrder& order, const SetupOrder& setup, const NamedRole& role, uptane::Root& root) {
    std::vector<crypto::PublicKey> keys;
    std::uint32_t threshold = 1;
    const Signers* const signers = signers_of(setup, role);
    if (signers && !signers->keys.empty()) {
        for (const NamedKey& key : signers->keys) {
            keys.push_back(key.key);
            ENSURE(remember_person(order, key));
        }
        threshold = signers->threshold;
    } else {
        const Passphrase seal = role.place == KeyPlace::offline ? order.offline : Passphrase{};
        TRY(const SigningPair pair, make_signing_pair(order.keys(role.place), role.name, seal));
        keys = pair.public_keys();
    }
    if (role.in_root == "time") root.time.emplace();
    uptane::RoleKeys& slot = *slot_of(root, role.in_root);
    slot = uptane::role_keys(keys, {threshold, threshold}, uptane::Policy::hybrid, root.keys);
    slot.batches = batches_of(role);
    return {};
}

}  // namespace

Result<Published> init_repository(const RepoOrder& order, const SetupOrder& setup) {
    std::error_code failure;
    for (const fs::path& taken : {order.staged(), order.served(Repository::image), order.served(Repository::director)})
        if (fs::exists(taken, failure)) return fail(faults::already_there, taken.string());
    uptane::Root image, director;
    image.expires = director.expires = order.now + order.lifetimes.root;
    for (const NamedRole& role : all_roles())
        ENSURE(give(order, setup, role, role.repository == Repository::image ? image : director));
    TRY([[maybe_unused]] const auto package_keys, make_signing_pair(order.packages(), "package"));

    TRY(StagedFile director_root, propose_root(order, Repository::director, director, {}));
    TRY(StagedFile image_root, propose_root(order, Repository::image, image, {}));
    TRY(const Bytes unsigned_root, proposal_of(image_root));
    TRY(const auto empty, uptane::make_targets(nullptr, {}, {1, order.now + order.lifetimes.targets}));
    TRY(StagedFile targets, propose_targets(order, empty, unsigned_root, {}));
    for (StagedFile* staged : {&director_root, &image_root, &targets}) {
        TRY([[maybe_unused]] const fs::path path, stage(order, std::move(*staged), SignHere::yes));
    }
    return publish_staged(order);
}

}  // namespace pitstop::cli
