#include "apps/pitstop/repo_folder.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "core/crypto/digest.h"
#include "core/uptane/repository.h"
#include "core/uptane/trust_set.h"
#include "io/files/atomic_file.h"

#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Edition;
using uptane::Role;

fs::path offline(const RepoOrder& order) { return order.folder / "keys/offline"; }
fs::path online(const RepoOrder& order) { return order.folder / "keys/online"; }
fs::path packages(const RepoOrder& order) { return order.folder / "keys/packages"; }
fs::path image_folder(const RepoOrder& order) { return order.folder / "image"; }
fs::path director_folder(const RepoOrder& order) { return order.folder / "director"; }

Result<void> write_role(const fs::path& folder, Role role, std::uint32_t version, View file) {
    return io::files::write_atomically(folder / uptane::file_name(role, version), file, io::files::FileMode::shared);
}

Result<void> write_publication(const fs::path& folder, const uptane::Publication& files) {
    ENSURE(write_role(folder, Role::targets, files.targets_version, files.targets));
    ENSURE(write_role(folder, Role::snapshot, files.snapshot_version, files.snapshot));
    return write_role(folder, Role::timestamp, files.timestamp_version, files.timestamp);
}

struct RepositoryKeys {
    SigningPair root, timestamp, snapshot, targets;

    [[nodiscard]] uptane::RolePublicKeys public_keys() const {
        return {root.public_keys(), timestamp.public_keys(), snapshot.public_keys(), targets.public_keys()};
    }
};

Result<Bytes> write_root(RepositoryKeys& keys, const fs::path& folder, Edition edition) {
    ENSURE(make_folder(folder));
    TRY(const uptane::Root root, uptane::make_root(keys.public_keys(), edition));
    const auto signers = keys.root.signers();
    TRY(Bytes file, uptane::sign_root(root, signers));
    ENSURE(write_role(folder, Role::root, edition.version, file));
    return file;
}

// Where the Image repository stands now. Every signature is checked; dates are not, for who signs anew may be late.
Result<uptane::TrustSet> load_image_repository(const RepoOrder& order) {
    constexpr UtcTime before_all_dates{};
    const fs::path folder = image_folder(order);
    const auto read = [&folder](Role role, std::uint32_t version) {
        return io::files::read_if_there(folder / uptane::file_name(role, version), uptane::size_bytes_max(role));
    };
    const auto read_needed = [&folder](Role role, std::uint32_t version) {
        return io::files::read_file(folder / uptane::file_name(role, version), uptane::size_bytes_max(role));
    };
    TRY(const Bytes root, read_needed(Role::root, 1));
    TRY(uptane::TrustSet state, uptane::TrustSet::from_root(uptane::Repository::image, uptane::ReceivedRoot{root}));
    while (true) {
        TRY(const std::optional<Bytes> next, read(Role::root, state.root().version + 1));
        if (!next) break;
        ENSURE(state.succeed(uptane::ReceivedRoot{*next}));
    }
    TRY(const Bytes timestamp, read_needed(Role::timestamp, 0));
    ENSURE(state.accept_timestamp(uptane::ReceivedTimestamp{timestamp}, before_all_dates));
    TRY(const Bytes snapshot, read_needed(Role::snapshot, state.timestamp()->snapshot.version));
    ENSURE(state.accept_snapshot(uptane::ReceivedSnapshot{snapshot}, before_all_dates));
    TRY(const Bytes targets, read_needed(Role::targets, state.snapshot()->targets().version));
    ENSURE(state.accept_targets(uptane::ReceivedTargets{targets}, before_all_dates));
    return state;
}

// The package's records name SHA-256 only; the repositories want SHA-512 as well, so it is taken from what was
// verified.
class DigestSink final : public package::RecordSink {
public:
    std::vector<Sha512Digest> digests;

    Result<void> on_header(const package::Header&) override { return {}; }
    Result<void> on_payload(View piece) override {
        hash_.update(piece);
        return {};
    }
    Result<void> on_end() override {
        digests.push_back(hash_.finish());
        return {};
    }

private:
    crypto::Sha512 hash_;
};

Result<std::vector<uptane::NamedTarget>> targets_of(const RepoOrder& order, const fs::path& campaign_folder) {
    TRY(const auto trusted, load_public_keys(packages(order)));
    DigestSink sink;
    TRY(const auto metadata, verify_campaign(campaign_folder, trusted, sink));
    std::vector<uptane::NamedTarget> targets;
    for (std::size_t i = 0; i < metadata.records.size(); ++i) {
        const package::RecordEntry& record = metadata.records[i];
        targets.push_back({record.target,
                           {record.payload_size_bytes,
                            record.sha256,
                            sink.digests[i],
                            {record.hardware},
                            record.version,
                            record.release_counter,
                            {}}});
    }
    return targets;
}

// The listing roles follow the Targets that was just made.
uptane::PublicationPlan next_plan(const RepoOrder& order, const uptane::TrustSet& state) {
    return {{state.snapshot()->version + 1, order.now + order.lifetimes.snapshot},
            {state.timestamp()->version + 1, order.now + order.lifetimes.timestamp}};
}

}  // namespace

Result<void> init_repository(const RepoOrder& order) {
    const Edition first_root{1, order.now + order.lifetimes.root};
    const auto offline_pair = [&](std::string_view name) {
        return make_signing_pair(offline(order), name, order.offline);
    };
    const auto online_pair = [&](std::string_view name) { return make_signing_pair(online(order), name); };
    TRY(auto root, offline_pair("root"));
    TRY(auto targets, offline_pair("targets"));
    TRY(auto director_root, offline_pair("director-root"));
    TRY(auto snapshot, online_pair("snapshot"));
    TRY(auto timestamp, online_pair("timestamp"));
    TRY(auto director_targets, online_pair("director-targets"));
    TRY(auto director_snapshot, online_pair("director-snapshot"));
    TRY(auto director_timestamp, online_pair("director-timestamp"));
    TRY([[maybe_unused]] const auto package_keys, make_signing_pair(packages(order), "package"));

    RepositoryKeys director{std::move(director_root), std::move(director_timestamp), std::move(director_snapshot),
                            std::move(director_targets)};
    RepositoryKeys image{std::move(root), std::move(timestamp), std::move(snapshot), std::move(targets)};
    ENSURE(write_root(director, director_folder(order), first_root));
    ENSURE(write_root(image, image_folder(order), first_root));

    TRY(const uptane::Root image_root, uptane::make_root(image.public_keys(), first_root));
    TRY(const auto empty, uptane::make_targets(nullptr, {}, {1, order.now + order.lifetimes.targets}));
    TRY(const auto files,
        uptane::publish(image_root, empty,
                        {{1, order.now + order.lifetimes.snapshot}, {1, order.now + order.lifetimes.timestamp}},
                        {image.targets.signers(), image.snapshot.signers(), image.timestamp.signers()}));
    return write_publication(image_folder(order), files);
}

Result<Published> publish_campaign(const RepoOrder& order, const fs::path& campaign_folder) {
    TRY(const uptane::TrustSet state, load_image_repository(order));
    TRY(const auto additions, targets_of(order, campaign_folder));
    TRY(const uptane::Targets next,
        uptane::make_targets(state.targets(), additions,
                             {state.targets()->version + 1, order.now + order.lifetimes.targets}));
    Published published{state.targets()->version, state.snapshot()->version, state.timestamp()->version, {}};
    for (const auto& addition : additions)
        if (!state.targets()->targets.contains(addition.name)) published.added.push_back(addition.name);
    if (published.added.empty()) return published;

    TRY(SigningPair targets, load_signing_pair(offline(order), "targets", order.offline));
    TRY(SigningPair snapshot, load_signing_pair(online(order), "snapshot"));
    TRY(SigningPair timestamp, load_signing_pair(online(order), "timestamp"));
    TRY(const auto files, uptane::publish(state.root(), next, next_plan(order, state),
                                          {targets.signers(), snapshot.signers(), timestamp.signers()}));
    ENSURE(write_publication(image_folder(order), files));
    published.targets_version = files.targets_version;
    published.snapshot_version = files.snapshot_version;
    published.timestamp_version = files.timestamp_version;
    return published;
}

Result<Published> refresh_repository(const RepoOrder& order) {
    TRY(const uptane::TrustSet state, load_image_repository(order));
    TRY(SigningPair snapshot_keys, load_signing_pair(online(order), "snapshot"));
    TRY(SigningPair timestamp_keys, load_signing_pair(online(order), "timestamp"));
    const auto plan = next_plan(order, state);
    const fs::path folder = image_folder(order);

    const auto snapshot = uptane::make_snapshot(state.snapshot()->targets(), plan.snapshot);
    const auto snapshot_signers = snapshot_keys.signers();
    TRY(const Bytes snapshot_file, uptane::sign_for(state.root(), Role::snapshot, to_json(snapshot), snapshot_signers));
    const auto timestamp = uptane::make_timestamp(uptane::info_of(snapshot.version, snapshot_file), plan.timestamp);
    const auto timestamp_signers = timestamp_keys.signers();
    TRY(const Bytes timestamp_file,
        uptane::sign_for(state.root(), Role::timestamp, to_json(timestamp), timestamp_signers));
    ENSURE(write_role(folder, Role::snapshot, snapshot.version, snapshot_file));
    ENSURE(write_role(folder, Role::timestamp, timestamp.version, timestamp_file));
    return Published{state.targets()->version, snapshot.version, timestamp.version, {}};
}

}  // namespace pitstop::cli
