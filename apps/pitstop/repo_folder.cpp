#include "apps/pitstop/repo_folder.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/signing_status.h"
#include "core/uptane/repository.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/keys/key_file.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Repository;
using uptane::Role;
using uptane::TrustSet;

constexpr UtcTime before_all_dates{};

Result<Bytes> read_role(const fs::path& folder, Role role, const std::string& name) {
    return io::files::read_file(folder / name, uptane::size_bytes_max(role));
}

Result<void> accept_delegated(TrustSet& trust, const fs::path& folder) {
    const std::map<std::string, uptane::FileInfo> files = trust.snapshot()->files;
    if (!trust.targets()->delegations) return {};
    for (const auto& [name, info] : files) {
        const std::string role = name.substr(0, name.size() - std::string_view(".json").size());
        if (!delegated_keys(*trust.targets()->delegations, role)) continue;
        TRY(const Bytes file, read_role(folder, Role::targets, uptane::file_name(role, info.version)));
        // After a change of the supplier's keys its old file no longer counts, until the supplier signs a new one.
        static_cast<void>(
            trust.accept_delegated(uptane::ReceivedTargets{file}, {{"targets", role}, info}, before_all_dates));
    }
    return {};
}

Result<std::vector<fs::path>> files_with(const fs::path& folder, std::string_view ending) {
    std::error_code failure;
    std::vector<fs::path> files;
    if (!fs::exists(folder, failure)) return files;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
        if (at->path().extension() == ending && !at->path().filename().string().starts_with('.'))
            files.push_back(at->path());
    if (failure) return fail(io::files::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    std::ranges::sort(files);
    return files;
}

void note(std::map<std::string, std::string>& roles, const uptane::RoleKeys& role, const uptane::Keys& keys,
          const std::string& name) {
    for (const std::string& id : material_of(role, keys)) {
        std::string& list = roles[id];
        if (!list.empty()) list += ", ";
        list += name;
    }
}

void note_root(std::map<std::string, std::string>& roles, const uptane::Root& root, Repository repository,
               std::string_view suffix) {
    for (const NamedRole& role : all_roles()) {
        const uptane::RoleKeys* const keys = slot_of(root, role.in_root);
        if (role.repository == repository && keys)
            note(roles, *keys, root.keys, std::string(role.name) + std::string(suffix));
    }
}

}  // namespace

fs::path RepoOrder::keys(KeyPlace place) const {
    return folder / (place == KeyPlace::offline ? "keys/offline" : "keys/online");
}
fs::path RepoOrder::next_keys(KeyPlace place) const { return keys(place) / "next"; }
fs::path RepoOrder::packages() const { return folder / "keys/packages"; }
fs::path RepoOrder::people() const { return folder / "keys/people"; }
fs::path RepoOrder::staged() const { return folder / "staged"; }
fs::path RepoOrder::served(Repository repository) const { return folder / to_string(repository); }

Result<MaybeTrust> load_roots(const RepoOrder& order, Repository repository, std::uint32_t version_max) {
    const fs::path folder = order.served(repository);
    const auto read = [&folder](std::uint32_t version) {
        return io::files::read_if_there(folder / uptane::file_name(Role::root, version),
                                        uptane::size_bytes_max(Role::root));
    };
    TRY(const auto first, read(1));
    if (!first || version_max == 0) return std::nullopt;
    TRY(TrustSet trust, TrustSet::from_root(repository, uptane::ReceivedRoot{*first}));
    while (trust.root().version < version_max) {
        TRY(const auto next, read(trust.root().version + 1));
        if (!next) break;
        ENSURE(trust.succeed(uptane::ReceivedRoot{*next}));
    }
    return trust;
}

Result<MaybeTrust> load_image_repository(const RepoOrder& order, std::uint32_t version_max) {
    TRY(MaybeTrust trust, load_roots(order, Repository::image, version_max));
    const fs::path folder = order.served(Repository::image);
    std::error_code failure;
    if (!trust || !fs::exists(folder / "timestamp.json", failure)) return trust;
    TRY(const Bytes timestamp, read_role(folder, Role::timestamp, "timestamp.json"));
    ENSURE(trust->accept_timestamp(uptane::ReceivedTimestamp{timestamp}, before_all_dates));
    const std::uint32_t snapshot_version = trust->timestamp()->snapshot.version;
    TRY(const Bytes snapshot, read_role(folder, Role::snapshot, uptane::file_name(Role::snapshot, snapshot_version)));
    ENSURE(trust->accept_snapshot(uptane::ReceivedSnapshot{snapshot}, before_all_dates));
    const std::uint32_t targets_version = trust->snapshot()->targets().version;
    TRY(const Bytes targets, read_role(folder, Role::targets, uptane::file_name(Role::targets, targets_version)));
    ENSURE(trust->accept_targets(uptane::ReceivedTargets{targets}, before_all_dates));
    ENSURE(accept_delegated(*trust, folder));
    return trust;
}

Result<TrustSet> load_published(const RepoOrder& order) {
    TRY(MaybeTrust trust, load_image_repository(order));
    if (!trust || !trust->targets()) return fail(faults::no_repository, order.folder.string());
    return *std::move(trust);
}

Result<Bytes> delegated_file(const RepoOrder& order, const TrustSet& now, const std::string& role) {
    if (!now.snapshot()) return Bytes{};
    const auto listed = now.snapshot()->files.find(role + ".json");
    if (listed == now.snapshot()->files.end()) return Bytes{};
    const std::string name = uptane::file_name(role, listed->second.version);
    TRY(Bytes file, read_role(order.served(Repository::image), Role::targets, name));
    if (uptane::info_of(listed->second.version, file) != listed->second) return fail(faults::altered, name);
    return file;
}

Result<std::vector<StagedPath>> list_staged(const RepoOrder& order) {
    TRY(const auto files, files_with(order.staged(), ".json"));
    std::vector<StagedPath> all;
    for (const fs::path& file : files) {
        TRY(StagedFile staged, read_staged(file));
        all.push_back({file, std::move(staged)});
    }
    return all;
}

const StagedFile* find_staged(const std::vector<StagedPath>& list, Repository repository, std::string_view role) {
    for (const StagedPath& one : list)
        if (one.file.repository == repository && one.file.role == role) return &one.file;
    return nullptr;
}

Result<Names> names_in(const RepoOrder& order) {
    Names names;
    for (const fs::path& folder : {order.packages(), order.keys(KeyPlace::online), order.next_keys(KeyPlace::online),
                                   order.keys(KeyPlace::offline), order.next_keys(KeyPlace::offline), order.people()})
        ENSURE(add_names(folder, names));
    return names;
}

Result<void> remember_person(const RepoOrder& order, const NamedKey& key) {
    ENSURE(make_folder(order.people()));
    return write_named_key(order.people() / std::format("{:.16}.pub", key.key.key_id()), key);
}

Result<std::vector<crypto::SoftwareSigner>> local_signers(const RepoOrder& order, const uptane::RoleKeys& role,
                                                          const uptane::Keys& keys) {
    std::set<std::string> wanted = material_of(role, keys);
    std::vector<crypto::SoftwareSigner> signers;
    for (const KeyPlace place : {KeyPlace::offline, KeyPlace::online})
        for (const fs::path& folder : {order.keys(place), order.next_keys(place)}) {
            TRY(const auto files, files_with(folder, ".pub"));
            for (const fs::path& file : files) {
                TRY(const NamedKey named, read_named_key(file));
                std::error_code failure;
                const fs::path private_file = private_half(file);
                if (!wanted.contains(named.key.key_id()) || !fs::exists(private_file, failure)) continue;
                TRY(auto key, io::keys::load_private_key(private_file, order.offline));
                if (key.public_key() != named.key) return fail(faults::wrong_key, private_file.string());
                wanted.erase(named.key.key_id());
                signers.emplace_back(std::move(key));
            }
        }
    return signers;
}

Result<std::map<std::string, std::string>> roles_by_key(const fs::path& folder) {
    const RepoOrder order{folder, {}, {}};
    std::map<std::string, std::string> roles;
    for (const Repository repository : {Repository::image, Repository::director}) {
        TRY(const MaybeTrust trust, load_roots(order, repository));
        if (trust) note_root(roles, trust->root(), repository, "");
        TRY(const auto staged, list_staged(order));
        if (const StagedFile* next = find_staged(staged, repository, "root")) {
            TRY(const uptane::Root root, uptane::read_root(next->body));
            note_root(roles, root, repository, " (staged)");
        }
    }
    TRY(const MaybeTrust image, load_image_repository(order));
    if (roles.empty()) return fail(faults::no_repository, folder.string());
    if (!image || !image->targets() || !image->targets()->delegations) return roles;
    for (const uptane::Delegation& one : image->targets()->delegations->roles)
        note(roles, one.keys, image->targets()->delegations->keys, one.role);
    return roles;
}

}  // namespace pitstop::cli
