#include "apps/pitstop/repo_release.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "core/uptane/repository.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"

#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Repository;
using uptane::Role;
using uptane::TrustSet;

Result<void> write(const fs::path& folder, const std::string& name, View file) {
    return io::files::write_atomically(folder / name, file, io::files::FileMode::shared);
}

// With every key of the role that lies here; that must be enough.
Result<Bytes> signed_here(const RepoOrder& order, const uptane::Root& root, Role role, const json::Object& body) {
    TRY(auto keys, local_signers(order, root.of(role), root.keys));
    if (keys.empty()) return fail(faults::no_online_key, to_string(role));
    std::vector<crypto::Signer*> signers;
    for (crypto::SoftwareSigner& key : keys) signers.push_back(&key);
    return uptane::sign_for(root, role, body, signers);
}

struct Listing {
    VersionedFile snapshot, timestamp;
};

Result<Listing> list(const RepoOrder& order, Release& release) {
    release.listed["targets.json"] = uptane::info_of(release.targets.version, release.targets.file);
    for (const auto& [role, made] : release.delegated)
        release.listed[role + ".json"] = uptane::info_of(made.version, made.file);
    const uptane::Root& root = release.trust.root();
    const uptane::Snapshot snapshot{release.snapshot_version, order.now + order.lifetimes.snapshot, release.listed};
    TRY(Bytes snapshot_file, signed_here(order, root, Role::snapshot, to_json(snapshot)));
    const auto timestamp = uptane::make_timestamp(uptane::info_of(snapshot.version, snapshot_file),
                                                  {release.timestamp_version, order.now + order.lifetimes.timestamp});
    TRY(Bytes timestamp_file, signed_here(order, root, Role::timestamp, to_json(timestamp)));
    return Listing{{snapshot.version, std::move(snapshot_file)}, {timestamp.version, std::move(timestamp_file)}};
}

// As a vehicle that has everything before it.
Result<void> judge(TrustSet trust, const Release& release, const Listing& listing, UtcTime now) {
    if (!release.has_new_root) trust.start_cycle();
    ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{listing.timestamp.file}, now));
    ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{listing.snapshot.file}, now));
    ENSURE(trust.accept_targets(uptane::ReceivedTargets{release.targets.file}, now));
    for (const auto& [role, made] : release.delegated)
        ENSURE(trust.accept_delegated(uptane::ReceivedTargets{made.file},
                                      {{"targets", role}, release.listed.at(role + ".json")}, now));
    return {};
}

Result<void> move_file(const fs::path& from, const fs::path& to) {
    std::error_code failure;
    fs::rename(from, to, failure);
    if (failure) return fail(io::files::faults::unwritable, std::format("{}: {}", to.string(), failure.message()));
    return {};
}

Result<void> adopt_half(const RepoOrder& order, const NamedRole& role, const std::string& half,
                        const std::set<std::string>& wanted) {
    const fs::path next = order.next_keys(role.place) / half, current = order.keys(role.place) / half;
    std::error_code failure;
    if (!fs::exists(next.string() + ".pub", failure)) return {};
    TRY(const NamedKey coming, read_named_key(next.string() + ".pub"));
    if (!wanted.contains(coming.key.key_id())) return {};
    ENSURE(make_folder(order.folder / "keys/retired"));
    if (fs::exists(current.string() + ".pub", failure)) {
        TRY(const NamedKey going, read_named_key(current.string() + ".pub"));
        const fs::path retired = order.folder / "keys/retired" / std::format("{}-{:.8}", half, going.key.key_id());
        for (const char* ending : {".key", ".pub"})
            if (fs::exists(current.string() + ending, failure))
                ENSURE(move_file(current.string() + ending, retired.string() + ending));
    }
    // The public half last: as long as it is there, an interrupted move is taken up again.
    for (const char* ending : {".key", ".pub"})
        if (fs::exists(next.string() + ending, failure))
            ENSURE(move_file(next.string() + ending, current.string() + ending));
    return {};
}

}  // namespace

Result<void> put_in_place(const RepoOrder& order, Release release) {
    TRY(const Listing listing, list(order, release));
    ENSURE(judge(release.trust, release, listing, order.now));
    const fs::path folder = order.served(Repository::image);
    ENSURE(make_folder(folder));
    if (release.has_new_root)
        ENSURE(write(folder, uptane::file_name(Role::root, release.trust.root().version),
                     release.trust.remembered(Role::root)));
    for (const auto& [role, made] : release.delegated)
        ENSURE(write(folder, uptane::file_name(role, made.version), made.file));
    ENSURE(write(folder, uptane::file_name(Role::targets, release.targets.version), release.targets.file));
    ENSURE(write(folder, uptane::file_name(Role::snapshot, listing.snapshot.version), listing.snapshot.file));
    ENSURE(write(folder, "timestamp.json", listing.timestamp.file));
    return adopt_next_keys(order, Repository::image, release.trust.root());
}

Result<void> adopt_next_keys(const RepoOrder& order, Repository repository, const uptane::Root& root) {
    for (const NamedRole& role : all_roles()) {
        const uptane::RoleKeys* const keys = slot_of(root, role.in_root);
        if (role.repository != repository || !keys) continue;
        const std::set<std::string> wanted = material_of(*keys, root.keys);
        for (const char* half : {"classical", "pq"})
            ENSURE(adopt_half(order, role, std::format("{}-{}", role.name, half), wanted));
    }
    return {};
}

}  // namespace pitstop::cli
