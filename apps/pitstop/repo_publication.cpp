#include "apps/pitstop/repo_publication.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_release.h"
#include "apps/pitstop/signing_status.h"
#include "apps/pitstop/staged_words.h"
#include "core/crypto/digest.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"

#include <format>
#include <set>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Repository;
using uptane::Role;
using uptane::TrustSet;

enum class Position { next, done };  // done: a publication that was cut short had put it in place already

Result<Position> position_of(const StagedFile& staged, std::uint32_t published_version, View published) {
    TRY(const std::uint32_t version, staged.version());
    if (version == std::uint64_t{published_version} + 1) return Position::next;
    if (version == published_version) {
        TRY(const auto envelope, uptane::open_envelope(published, staged.kind()));
        TRY(const std::string digest, digest_of(staged));
        if (to_hex(crypto::sha256(view_of(envelope.canonical))) == digest) return Position::done;
    }
    return fail(faults::out_of_date, std::format("{} is staged, {} is published", title_of(staged), published_version));
}

Result<void> drop(const StagedPath& staged) {
    std::error_code failure;
    fs::remove(staged.path, failure);
    if (failure)
        return fail(io::files::faults::unwritable, std::format("{}: {}", staged.path.string(), failure.message()));
    return {};
}

// One round over staged/.
class Round {
public:
    Round(const RepoOrder& order, std::vector<StagedPath> list) : order_(order), list_(std::move(list)) {}

    [[nodiscard]] Result<void> director();
    [[nodiscard]] Result<void> image();
    Published report;

private:
    [[nodiscard]] const StagedPath* find(Repository repository, std::string_view role) const;
    [[nodiscard]] Result<bool> is_complete(const StagedPath& staged);
    [[nodiscard]] Result<bool> adopt_root(Repository repository, MaybeTrust& trust);
    [[nodiscard]] Result<MaybeTrust> image_before() const;
    [[nodiscard]] Result<bool> take_targets(Release& release, const MaybeTrust& before);
    [[nodiscard]] Result<void> take_delegated(Release& release, const MaybeTrust& before);
    [[nodiscard]] Result<void> finish(const StagedPath& staged);

    const RepoOrder& order_;
    std::vector<StagedPath> list_;
    std::vector<const StagedPath*> taken_;
};

const StagedPath* Round::find(Repository repository, std::string_view role) const {
    for (const StagedPath& one : list_)
        if (one.file.repository == repository && one.file.role == role) return &one;
    return nullptr;
}

Result<bool> Round::is_complete(const StagedPath& staged) {
    ENSURE(check_proposal(staged.file, order_.now));
    TRY(const SigningStatus status, status_of(staged.file));
    if (status.is_complete()) return true;
    std::string line = std::format("{}: ", staged.path.string());
    for (const Demand& demand : status.demands) line += std::format("{}: {}; ", demand.whose, counted(demand));
    line += "still to sign:";
    for (const std::string& person : still_to_sign(status, staged.file.names)) line += std::format("\n    {}", person);
    report.waiting.push_back(std::move(line));
    return false;
}

// True when a staged Root was taken: `trust` then stands on it. The TrustSet decides, not what the file says of itself.
Result<bool> Round::adopt_root(Repository repository, MaybeTrust& trust) {
    const StagedPath* const staged = find(repository, "root");
    if (!staged) return false;
    TRY(const Position position,
        position_of(staged->file, trust ? trust->root().version : 0, trust ? trust->remembered(Role::root) : View()));
    if (position == Position::done) {
        taken_.push_back(staged);
        return false;
    }
    TRY(const bool complete, is_complete(*staged));
    if (!complete) return false;
    TRY(const Bytes file, proposal_of(staged->file));
    if (trust) {
        trust->start_cycle();
        ENSURE(trust->succeed(uptane::ReceivedRoot{file}));
    } else {
        TRY(trust, TrustSet::from_root(repository, uptane::ReceivedRoot{file}));
    }
    taken_.push_back(staged);
    return true;
}

Result<void> Round::finish(const StagedPath& staged) {
    report.moved.push_back(title_of(staged.file));
    return drop(staged);
}

Result<void> Round::director() {
    taken_.clear();
    TRY(MaybeTrust trust, load_roots(order_, Repository::director));
    TRY(const bool adopted, adopt_root(Repository::director, trust));
    if (adopted) {
        const fs::path folder = order_.served(Repository::director);
        ENSURE(make_folder(folder));
        ENSURE(io::files::write_atomically(folder / uptane::file_name(Role::root, trust->root().version),
                                           trust->remembered(Role::root), io::files::FileMode::shared));
    }
    if (taken_.empty()) return {};
    ENSURE(adopt_next_keys(order_, Repository::director, trust->root()));
    for (const StagedPath* staged : taken_) ENSURE(finish(*staged));
    return {};
}

// A publication that was cut short has put a Root in place under which the old Timestamp no longer counts.
Result<MaybeTrust> Round::image_before() const {
    auto before = load_image_repository(order_);
    const StagedPath* const root = find(Repository::image, "root");
    if (before || !root) return before;
    TRY(const std::uint32_t version, root->file.version());
    auto earlier = load_image_repository(order_, version - 1);
    return earlier ? std::move(earlier) : std::move(before);
}

// False: there is no Targets yet that the Root in force would accept.
Result<bool> Round::take_targets(Release& release, const MaybeTrust& before) {
    const uptane::Targets* const now = before ? before->targets() : nullptr;
    if (now)
        release.targets = {now->version,
                           Bytes(before->remembered(Role::targets).begin(), before->remembered(Role::targets).end())};
    const StagedPath* const staged = find(Repository::image, "targets");
    if (staged) {
        TRY(const Position position, position_of(staged->file, release.targets.version, release.targets.file));
        bool complete = position == Position::done;
        if (!complete) {
            TRY(complete, is_complete(*staged));
        }
        if (complete) {
            TRY(Bytes file, proposal_of(staged->file));
            TRY(const auto envelope, uptane::open_envelope(file, Role::targets));
            // Signed as the Root beside it asks; the Root that will be in force may ask for others.
            if (!check_signatures(envelope, release.trust.root(), Role::targets)) {
                report.waiting.push_back(std::format("{}: waits for the staged Root", staged->path.string()));
                return false;
            }
            if (position == Position::next) release.targets = {release.targets.version + 1, std::move(file)};
            taken_.push_back(staged);
        }
    }
    if (release.targets.file.empty()) return false;
    TRY(const auto envelope, uptane::open_envelope(release.targets.file, Role::targets));
    return check_signatures(envelope, release.trust.root(), Role::targets).has_value();
}

Result<void> Round::take_delegated(Release& release, const MaybeTrust& before) {
    TRY(const auto envelope, uptane::open_envelope(release.targets.file, Role::targets));
    TRY(const uptane::Targets targets, uptane::read_targets(envelope.body, Repository::image));
    for (const StagedPath& staged : list_) {
        const std::string& role = staged.file.role;
        if (role == "root" || role == "targets") continue;
        const auto listed = release.listed.find(role + ".json");
        const std::uint32_t published = listed == release.listed.end() ? 0 : listed->second.version;
        Bytes there;
        if (before) {
            TRY(there, delegated_file(order_, *before, role));
        }
        TRY(const Position position, position_of(staged.file, published, there));
        TRY(const bool complete, is_complete(staged));
        if (!complete) continue;
        TRY(Bytes file, proposal_of(staged.file));
        TRY(const auto opened, uptane::open_envelope(file, Role::targets));
        const uptane::RoleKeys* const keys = targets.delegations ? delegated_keys(*targets.delegations, role) : nullptr;
        if (!keys) {
            report.waiting.push_back(
                std::format("{}: waits for the Targets that delegates to it", staged.path.string()));
            continue;
        }
        ENSURE(check_signatures(opened, targets.delegations->keys, *keys, role));
        if (position == Position::next) release.delegated[role] = {published + 1, std::move(file)};
        taken_.push_back(&staged);
    }
    return {};
}

Result<void> Round::image() {
    taken_.clear();
    TRY(const MaybeTrust before, image_before());
    MaybeTrust trust = before;
    TRY(const bool new_root, adopt_root(Repository::image, trust));
    if (!trust) return {};
    Release release{*trust, new_root, {}, {}, {}, 1, 1};
    if (before && before->snapshot()) {
        release.listed = before->snapshot()->files;
        release.snapshot_version = before->snapshot()->version + 1;
        release.timestamp_version = before->timestamp()->version + 1;
    }
    TRY(const bool has_targets, take_targets(release, before));
    if (!has_targets) {
        if (new_root)
            report.waiting.push_back(
                "The Root is complete. It becomes visible together with Targets that its keys "
                "have signed");
        return {};
    }
    ENSURE(take_delegated(release, before));
    if (taken_.empty()) return {};
    ENSURE(put_in_place(order_, std::move(release)));
    for (const StagedPath* staged : taken_) ENSURE(finish(*staged));
    return {};
}

Result<void> add_versions(const RepoOrder& order, Published& report) {
    TRY(const MaybeTrust now, load_image_repository(order));
    if (!now || !now->targets()) return {};
    report.targets_version = now->targets()->version;
    report.snapshot_version = now->snapshot()->version;
    report.timestamp_version = now->timestamp()->version;
    return {};
}

}  // namespace

Result<Published> publish_staged(const RepoOrder& order) {
    TRY(auto list, list_staged(order));
    if (list.empty()) return fail(faults::nothing_staged, order.staged().string());
    Round round(order, std::move(list));
    ENSURE(round.director());
    ENSURE(round.image());
    ENSURE(add_versions(order, round.report));
    return std::move(round.report);
}

Result<Published> refresh_repository(const RepoOrder& order) {
    TRY(const TrustSet now, load_published(order));
    const View targets = now.remembered(Role::targets);
    Release release{now, false, {now.targets()->version, Bytes(targets.begin(), targets.end())}, {}, {}, 1, 1};
    release.listed = now.snapshot()->files;
    release.snapshot_version = now.snapshot()->version + 1;
    release.timestamp_version = now.timestamp()->version + 1;
    ENSURE(put_in_place(order, std::move(release)));
    Published report;
    ENSURE(add_versions(order, report));
    return report;
}

}  // namespace pitstop::cli
