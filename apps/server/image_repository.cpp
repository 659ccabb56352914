#include "apps/server/image_repository.h"

#include "apps/server/faults.h"
#include "core/uptane/faults.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/log/log.h"

#include <algorithm>
#include <format>

namespace pitstop::server {
namespace {

using io::store::MetadataRow;
using uptane::Edition;
using uptane::Role;
using uptane::TrustSet;

constexpr auto image = io::store::Repository::image;
constexpr std::string_view trust_role = "trust";  // the row in which the TrustSet survives a restart
constexpr UtcTime before_all_dates{};             // for files that were judged when they became visible

MetadataName top_level(Role role, std::uint32_t version) { return {role, version, {}}; }

std::string visible_role(const MetadataName& name) {
    const std::string role(uptane::to_string(name.role));
    return name.delegated.empty() ? role : std::format("{}/{}", role, name.delegated);
}
std::string waiting_role(const MetadataName& name) { return "waiting-" + visible_role(name); }

MetadataRow row(std::string role, std::uint32_t version, std::string_view bytes) {
    return {image, "", std::move(role), version, std::string(bytes)};
}

std::string name_of(const MetadataName& name) {
    return name.delegated.empty() ? uptane::file_name(name.role, name.version)
                                  : uptane::file_name(name.delegated, name.version);
}

UtcTime half_before(UtcTime expires, std::chrono::days lifetime) {
    return expires + -(std::chrono::seconds(lifetime) / 2);
}

}  // namespace

Result<ImageRepository> ImageRepository::open(const std::filesystem::path& first_root, io::store::Database& database,
                                              io::store::MetadataFiles files) {
    TRY(const auto saved, files.newest(image, "", trust_role));
    if (saved) {
        TRY(const Bytes state, from_base64(saved->bytes));
        TRY(auto trust, TrustSet::load(uptane::Repository::image, state));
        ImageRepository repository(database, files, std::move(trust));
        ENSURE(repository.remember_publication());
        return repository;
    }
    TRY(const Bytes root, io::files::read_file(first_root, uptane::size_bytes_max(Role::root)));
    TRY(auto trust, TrustSet::from_root(uptane::Repository::image, uptane::ReceivedRoot{root}));
    ImageRepository repository(database, files, std::move(trust));
    const std::uint32_t version = repository.trust_.root().version;
    const auto stored = database.transaction([&]() -> Result<void> {
        ENSURE(files.put(row(visible_role(top_level(Role::root, version)), version, text_of(root))));
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
        case Role::targets: ENSURE(keep_waiting(*name, bytes)); return Visibility::waiting;
    }
    return fail(faults::unknown_file, file);
}

Result<void> ImageRepository::adopt_root(std::uint32_t version, View bytes) {
    TRY(const auto known, visible(top_level(Role::root, version)));
    if (known && *known == text_of(bytes)) return {};  // handed in again
    TrustSet next = trust_;
    next.start_cycle();
    ENSURE(next.succeed(uptane::ReceivedRoot{bytes}));
    const auto stored = database_.transaction([&]() -> Result<void> {
        const std::uint32_t made = next.root().version;
        ENSURE(files_.put(row(visible_role(top_level(Role::root, made)), made, text_of(bytes))));
        return save(next);
    });
    if (!stored) return stored;
    trust_ = std::move(next);
    return remember_publication();
}

// Only what the file says of itself can be judged now; who may say it, and all else, when the Timestamp leads to it.
Result<void> ImageRepository::keep_waiting(const MetadataName& name, View bytes) {
    TRY(const auto envelope, uptane::open_envelope(bytes, name.role));
    if (name.delegated.empty()) {
        ENSURE(uptane::check_signatures(envelope, trust_.root(), name.role));
    } else {
        ENSURE(uptane::read_targets(envelope.body, uptane::Repository::image).transform([](const auto&) {}));
    }
    return files_.put(row(waiting_role(name), name.version, text_of(bytes)));
}

Result<std::optional<std::string>> ImageRepository::visible(const MetadataName& name) {
    TRY(auto found, files_.find(image, "", visible_role(name), name.version));
    return found ? std::optional(std::move(found->bytes)) : std::nullopt;
}

Result<std::string> ImageRepository::handed_in(const MetadataName& name) {
    TRY(auto waiting, files_.find(image, "", waiting_role(name), name.version));
    if (waiting) return std::move(waiting->bytes);
    return shown(name);
}

Result<std::string> ImageRepository::shown(const MetadataName& name) {
    TRY(auto found, visible(name));
    if (!found) return fail(faults::file_missing, name_of(name));
    return *std::move(found);
}

Result<ImageRepository::Publication> ImageRepository::judge(TrustSet& trust, View timestamp, const Find& find,
                                                            UtcTime now) {
    Publication made{std::string(text_of(timestamp)), {}, {}, {}};
    trust.start_cycle();
    ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{timestamp}, now));
    TRY(made.snapshot, find(top_level(Role::snapshot, trust.timestamp()->snapshot.version)));
    ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{view_of(made.snapshot)}, now));
    TRY(made.targets, find(top_level(Role::targets, trust.snapshot()->targets().version)));
    ENSURE(trust.accept_targets(uptane::ReceivedTargets{view_of(made.targets)}, now));
    const auto find_delegated = [&](const std::string& role, std::uint32_t version) {
        return find({Role::targets, version, role});
    };
    TRY(made.delegated, accept_all_delegated(trust, find_delegated, now));
    return made;
}

Result<void> ImageRepository::adopt(View timestamp, const Find& find, UtcTime now) {
    TrustSet next = trust_;
    TRY(const auto publication, judge(next, timestamp, find, now));
    ENSURE(database_.transaction([&] { return show(next, publication); }));
    trust_ = std::move(next);
    index(publication);
    return {};
}

Result<void> ImageRepository::adopt_timestamp(View bytes, UtcTime now) {
    auto adopted = adopt(bytes, [&](const MetadataName& name) { return handed_in(name); }, now);
    const bool is_behind = !adopted && (adopted.error().is(uptane::faults::rolled_back) ||
                                        adopted.error().is(uptane::faults::same_version_changed));
    if (!is_behind || !keys_ || !trust_.targets()) return adopted;
    const auto anew = list_anew(bytes, now);
    return anew ? anew : adopted;  // of the two, what was wrong with the engineer's own numbers says more
}

// What the engineer signed, as whoever saw nothing before would judge it; then under this server's next numbers.
Result<void> ImageRepository::list_anew(View timestamp, UtcTime now) {
    TRY(auto alone,
        TrustSet::from_root(uptane::Repository::image, uptane::ReceivedRoot{trust_.remembered(Role::root)}));
    const Find find = [&](const MetadataName& name) { return handed_in(name); };
    ENSURE(judge(alone, timestamp, find, now).transform([](const auto&) {}));
    return sign_listing(*alone.snapshot(), find, now);
}

Result<void> ImageRepository::sign_listing(uptane::Snapshot snapshot, const Find& find, UtcTime now) {
    snapshot.version = trust_.snapshot()->version + 1;
    snapshot.expires = now + lifetimes_.snapshot;
    const auto signers = signers_of(keys_->snapshot);
    TRY(const Bytes file, uptane::sign_for(trust_.root(), Role::snapshot, uptane::to_json(snapshot), signers));
    TRY(const Bytes timestamp, sign_timestamp(uptane::info_of(snapshot.version, file), now));
    const Find own_snapshot = [&](const MetadataName& name) -> Result<std::string> {
        if (name.role == Role::snapshot) return std::string(text_of(file));
        return find(name);
    };
    return adopt(timestamp, own_snapshot, now);
}

Result<Bytes> ImageRepository::sign_timestamp(const uptane::FileInfo& snapshot, UtcTime now) {
    const Edition edition{trust_.timestamp()->version + 1, now + lifetimes_.timestamp};
    const auto signers = signers_of(keys_->timestamp);
    return uptane::sign_for(trust_.root(), Role::timestamp, uptane::to_json(uptane::make_timestamp(snapshot, edition)),
                            signers);
}

Result<void> ImageRepository::show(const TrustSet& trust, const Publication& publication) {
    const auto make_visible = [&](const MetadataName& name, std::string_view bytes) -> Result<void> {
        ENSURE(files_.put(row(visible_role(name), name.version, bytes)));
        return files_.forget_all(image, "", waiting_role(name));
    };
    for (const DelegatedFile& file : publication.delegated)
        ENSURE(make_visible({Role::targets, file.version, file.role}, file.bytes));
    ENSURE(make_visible(top_level(Role::targets, trust.targets()->version), publication.targets));
    ENSURE(make_visible(top_level(Role::snapshot, trust.snapshot()->version), publication.snapshot));
    ENSURE(make_visible(top_level(Role::timestamp, trust.timestamp()->version), publication.timestamp));
    return save(trust);
}

Result<void> ImageRepository::save(const TrustSet& trust) {
    return files_.put(row(std::string(trust_role), 1, to_base64(trust.save())));
}

// After a restart or a new Root. What was visible was judged then, its dates too. Where a new Root gave a role other
// keys, nothing is published until somebody hands in what they signed.
Result<void> ImageRepository::remember_publication() {
    const Bytes timestamp(trust_.remembered(Role::timestamp).begin(), trust_.remembered(Role::timestamp).end());
    by_digest_.clear();
    if (timestamp.empty()) return {};
    TrustSet next = trust_;
    const Find find = [&](const MetadataName& name) { return shown(name); };
    const auto publication = judge(next, timestamp, find, before_all_dates);
    if (!publication && publication.error().remedy() == Remedy::stop) return fail(publication.error());
    if (!publication) {
        io::log::warning("the Image repository's files no longer hold: {}", publication.error().str());
        return {};
    }
    trust_ = std::move(next);
    index(*publication);
    return {};
}

void ImageRepository::index(const Publication& publication) {
    by_digest_.clear();
    const auto add = [&](const uptane::Targets& targets) {
        for (const auto& [path, info] : targets.targets)
            if (info.sha256) by_digest_.emplace(*info.sha256, info);
    };
    add(*trust_.targets());
    for (const DelegatedFile& file : publication.delegated) add(file.targets);
}

Result<std::string> ImageRepository::file(std::string_view file) {
    const auto name = MetadataName::parse(file);
    if (!name) return fail(faults::unknown_file, file);
    if (name->role != Role::timestamp) {
        TRY(auto found, visible(*name));
        if (!found) return fail(faults::unknown_file, file);
        return *std::move(found);
    }
    TRY(auto found, files_.newest(image, "", visible_role(*name)));
    if (!found) return fail(faults::unknown_file, file);
    return std::move(found->bytes);
}

Result<uptane::NamedTarget> ImageRepository::target(const TargetName& name,
                                                    const std::optional<HardwareId>& hardware) const {
    if (!trust_.targets()) return fail(faults::not_published, name.view());
    const auto found = trust_.look_up(name, hardware);
    if (!found) return fail(faults::not_published, std::format("{}: {}", name.view(), found.error().str()));
    if (!found->found) return fail(faults::not_published, name.view());
    return uptane::NamedTarget{name, *found->found};
}

// Several entries may have the same bytes; where they differ in their counter, the lower one accuses nobody wrongly.
std::vector<campaign::KnownImage> ImageRepository::known_of(const vehicle::Inventory& inventory) const {
    std::vector<campaign::KnownImage> known;
    for (const auto& report : inventory.ecus) {
        const uptane::TargetInfo* best = nullptr;
        const auto [first, last] = by_digest_.equal_range(report.active_image);
        for (auto at = first; at != last; ++at) {
            const uptane::TargetInfo& info = at->second;
            if (info.version != report.version || !std::ranges::contains(info.hardware, report.hardware)) continue;
            if (best == nullptr || info.release_counter < best->release_counter) best = &info;
        }
        if (best != nullptr) known.push_back({report.ecu, best->release_counter, best->constraints});
    }
    return known;
}

Result<void> ImageRepository::renew(UtcTime now) {
    if (!keys_ || !trust_.targets()) return {};  // somebody else's, or nothing is published
    const Find find = [&](const MetadataName& name) { return shown(name); };
    if (half_before(trust_.snapshot()->expires, lifetimes_.snapshot) <= now) {
        ENSURE(sign_listing(*trust_.snapshot(), find, now));
    } else if (half_before(trust_.timestamp()->expires, lifetimes_.timestamp) <= now) {
        TRY(const Bytes timestamp, sign_timestamp(trust_.timestamp()->snapshot, now));
        ENSURE(adopt(timestamp, find, now));
    } else {
        return {};
    }
    io::log::info("Image repository: timestamp {} is good until {}", trust_.timestamp()->version,
                  trust_.timestamp()->expires.str());
    return {};
}

std::vector<DatedFile> ImageRepository::dates() const {
    const SignedBy listings = keys_ ? SignedBy::server : SignedBy::people;
    std::vector<DatedFile> files{{"image", "root", trust_.root().expires, SignedBy::people, offline_warning}};
    if (!trust_.targets()) return files;
    files.push_back({"image", "targets", trust_.targets()->expires, SignedBy::people, offline_warning});
    files.push_back({"image", "snapshot", trust_.snapshot()->expires, listings, lifetimes_.snapshot / 2});
    files.push_back({"image", "timestamp", trust_.timestamp()->expires, listings, lifetimes_.timestamp / 2});
    return files;
}

}  // namespace pitstop::server
