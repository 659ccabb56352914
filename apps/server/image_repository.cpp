#include "apps/server/image_repository.h"

#include "apps/server/faults.h"
#include "apps/server/metadata_name.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"

#include <format>

namespace pitstop::server {
namespace {

using io::store::MetadataRow;
using uptane::Role;
using uptane::TrustSet;

constexpr auto image = io::store::Repository::image;
constexpr std::string_view trust_role = "trust";  // the row in which the TrustSet survives a restart

std::string visible_role(Role role) { return std::string(uptane::to_string(role)); }
std::string waiting_role(Role role) { return std::format("waiting-{}", uptane::to_string(role)); }

MetadataRow row(std::string role, std::uint32_t version, std::string_view bytes) {
    return {image, "", std::move(role), version, std::string(bytes)};
}

}  // namespace

Result<ImageRepository> ImageRepository::open(const std::filesystem::path& first_root, io::store::Database& database,
                                              io::store::MetadataFiles files) {
    TRY(const auto saved, files.newest(image, "", trust_role));
    if (saved) {
        TRY(const Bytes state, from_base64(saved->bytes));
        TRY(auto trust, TrustSet::load(uptane::Repository::image, state));
        ImageRepository repository(database, files, std::move(trust));
        ENSURE(repository.read_targets());
        return repository;
    }
    TRY(const Bytes root, io::files::read_file(first_root, uptane::size_bytes_max(Role::root)));
    TRY(auto trust, TrustSet::from_root(uptane::Repository::image, uptane::ReceivedRoot{root}));
    ImageRepository repository(database, files, std::move(trust));
    const std::uint32_t version = repository.trust_.root().version;
    const auto stored = database.transaction([&]() -> Result<void> {
        ENSURE(files.put(row(visible_role(Role::root), version, text_of(root))));
        return repository.save(repository.trust_);
    });
    if (!stored) return fail(stored.error());
    return repository;
}

Result<Visibility> ImageRepository::put(std::string_view file, View bytes, UtcTime now) {
    const auto name = MetadataName::parse(file);
    if (!name) return fail(faults::unknown_file, file);
    switch (name->role) {
        case Role::root: ENSURE(adopt_root(name->version, bytes)); return Visibility::visible;
        case Role::timestamp: ENSURE(adopt_timestamp(bytes, now)); return Visibility::visible;
        case Role::snapshot:
        case Role::targets: ENSURE(keep_waiting(name->role, name->version, bytes)); return Visibility::waiting;
    }
    return fail(faults::unknown_file, file);
}

Result<void> ImageRepository::adopt_root(std::uint32_t version, View bytes) {
    TRY(const auto known, files_.find(image, "", visible_role(Role::root), version));
    if (known && known->bytes == text_of(bytes)) return {};  // handed in again
    TrustSet next = trust_;
    next.start_cycle();
    ENSURE(next.succeed(uptane::ReceivedRoot{bytes}));
    const auto stored = database_.transaction([&]() -> Result<void> {
        ENSURE(files_.put(row(visible_role(Role::root), next.root().version, text_of(bytes))));
        return save(next);
    });
    if (!stored) return stored;
    trust_ = std::move(next);
    return {};
}

// Only the signatures can be judged now; everything else waits for the Timestamp.
Result<void> ImageRepository::keep_waiting(Role role, std::uint32_t version, View bytes) {
    TRY(const auto envelope, uptane::open_envelope(bytes, role));
    ENSURE(uptane::check_signatures(envelope, trust_.root(), role));
    return files_.put(row(waiting_role(role), version, text_of(bytes)));
}

Result<std::string> ImageRepository::handed_in(Role role, std::uint32_t version) {
    for (const auto& in : {waiting_role(role), visible_role(role)}) {
        TRY(auto found, files_.find(image, "", in, version));
        if (found) return std::move(found->bytes);
    }
    return fail(faults::file_missing, uptane::file_name(role, version));
}

Result<void> ImageRepository::adopt_timestamp(View bytes, UtcTime now) {
    TrustSet next = trust_;
    next.start_cycle();
    ENSURE(next.accept_timestamp(uptane::ReceivedTimestamp{bytes}, now));
    const std::uint32_t snapshot_version = next.timestamp()->snapshot.version;
    TRY(const auto snapshot, handed_in(Role::snapshot, snapshot_version));
    ENSURE(next.accept_snapshot(uptane::ReceivedSnapshot{view_of(snapshot)}, now));
    const std::uint32_t targets_version = next.snapshot()->targets().version;
    TRY(const auto targets, handed_in(Role::targets, targets_version));
    ENSURE(next.accept_targets(uptane::ReceivedTargets{view_of(targets)}, now));
    const auto stored = database_.transaction([&]() -> Result<void> {
        ENSURE(files_.put(row(visible_role(Role::targets), targets_version, targets)));
        ENSURE(files_.put(row(visible_role(Role::snapshot), snapshot_version, snapshot)));
        ENSURE(files_.put(row(visible_role(Role::timestamp), next.timestamp()->version, text_of(bytes))));
        for (const Role role : {Role::targets, Role::snapshot})
            ENSURE(files_.forget_all(image, "", waiting_role(role)));
        return save(next);
    });
    if (!stored) return stored;
    targets_ = next.targets()->targets;
    trust_ = std::move(next);
    return {};
}

Result<void> ImageRepository::save(const TrustSet& trust) {
    return files_.put(row(std::string(trust_role), 1, to_base64(trust.save())));
}

// After a restart: the visible Targets were judged when they became visible.
Result<void> ImageRepository::read_targets() {
    const View file = trust_.remembered(Role::targets);
    if (file.empty()) return {};
    TRY(const auto envelope, uptane::open_envelope(file, Role::targets));
    TRY(auto targets, uptane::read_targets(envelope.body, uptane::Repository::image));
    targets_ = std::move(targets.targets);
    return {};
}

Result<std::string> ImageRepository::file(std::string_view file) {
    const auto name = MetadataName::parse(file);
    if (!name) return fail(faults::unknown_file, file);
    const std::string role = visible_role(name->role);
    TRY(auto found,
        name->role == Role::timestamp ? files_.newest(image, "", role) : files_.find(image, "", role, name->version));
    if (!found) return fail(faults::unknown_file, file);
    return std::move(found->bytes);
}

Result<uptane::NamedTarget> ImageRepository::target(const TargetName& name) const {
    const auto found = targets_.find(name);
    if (found == targets_.end()) return fail(faults::not_published, name.view());
    return uptane::NamedTarget{name, found->second};
}

}  // namespace pitstop::server
