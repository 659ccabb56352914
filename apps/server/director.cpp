#include "apps/server/director.h"

#include "apps/server/faults.h"
#include "apps/server/metadata_name.h"
#include "core/uptane/trust_set.h"
#include "io/files/atomic_file.h"
#include "io/keys/key_file.h"

#include <algorithm>
#include <format>

namespace pitstop::server {
namespace {

using io::store::MetadataRow;
using uptane::Edition;
using uptane::NamedTarget;
using uptane::Role;

constexpr auto director = io::store::Repository::director;

std::vector<crypto::Signer*> pointers(std::vector<crypto::SoftwareSigner>& keys) {
    std::vector<crypto::Signer*> signers;
    for (auto& key : keys) signers.push_back(&key);
    return signers;
}

bool half_gone(UtcTime expires, std::chrono::days lifetime, UtcTime now) {
    return expires < now + std::chrono::seconds(lifetime) / 2;
}

MetadataRow row(const Vin& vin, Role role, std::uint32_t version, View bytes) {
    return {director, vin.str(), std::string(uptane::to_string(role)), version, std::string(text_of(bytes))};
}

std::vector<NamedTarget> listed(const uptane::Targets& targets) {
    std::vector<NamedTarget> all;
    for (const auto& [name, info] : targets.targets) all.push_back({name, info});
    return all;
}

}  // namespace

Result<OnlineKeys> OnlineKeys::load(const std::filesystem::path& folder) {
    OnlineKeys keys;
    for (auto [role, into] :
         {std::pair{"targets", &keys.targets}, {"snapshot", &keys.snapshot}, {"timestamp", &keys.timestamp}})
        for (const char* half : {"classical", "pq"}) {
            TRY(auto key, io::keys::load_private_key(folder / std::format("director-{}-{}.key", role, half)));
            into->emplace_back(std::move(key));
        }
    return keys;
}

Result<Director> Director::open(const std::filesystem::path& folder, OnlineKeys keys, io::store::MetadataFiles files) {
    std::map<std::uint32_t, std::string> roots;
    const auto read = [&](std::uint32_t version) {
        return io::files::read_if_there(folder / uptane::file_name(Role::root, version),
                                        uptane::size_bytes_max(Role::root));
    };
    TRY(const auto first, read(1));
    if (!first) return fail(faults::no_director_root, (folder / uptane::file_name(Role::root, 1)).string());
    TRY(auto trust, uptane::TrustSet::from_root(uptane::Repository::director, uptane::ReceivedRoot{*first}));
    roots[1] = text_of(*first);
    for (std::uint32_t version = 2;; ++version) {
        TRY(const auto next, read(version));
        if (!next) break;
        ENSURE(trust.succeed(uptane::ReceivedRoot{*next}));
        roots[version] = text_of(*next);
    }
    return Director(std::move(roots), trust.root(), std::move(keys), files);
}

// Our own files, checked when they were made.
Result<std::optional<Director::Current>> Director::current(const Vin& vin) {
    Current now;
    for (const Role role : {Role::targets, Role::snapshot, Role::timestamp}) {
        TRY(const auto found, files_.newest(director, vin.view(), uptane::to_string(role)));
        if (!found) return std::nullopt;
        TRY(const auto envelope, uptane::open_envelope(view_of(found->bytes), role));
        if (role == Role::targets) {
            TRY(now.targets, uptane::read_targets(envelope.body, uptane::Repository::director));
        }
        if (role == Role::snapshot) {
            TRY(now.snapshot, uptane::read_snapshot(envelope.body));
        }
        if (role == Role::timestamp) {
            TRY(now.timestamp, uptane::read_timestamp(envelope.body));
        }
    }
    return now;
}

Result<void> Director::publish(const Vin& vin, const Current* previous, std::vector<NamedTarget> wanted, UtcTime now) {
    const auto next = [](const auto* role) { return role == nullptr ? 1 : role->version + 1; };
    const Edition targets_edition{next(previous ? &previous->targets : nullptr), now + lifetimes_.targets};
    TRY(const auto targets, uptane::direct(vin, wanted, targets_edition));
    const uptane::PublicationPlan plan{{next(previous ? &previous->snapshot : nullptr), now + lifetimes_.snapshot},
                                       {next(previous ? &previous->timestamp : nullptr), now + lifetimes_.timestamp}};
    const uptane::RoleSigners signers{pointers(keys_.targets), pointers(keys_.snapshot), pointers(keys_.timestamp)};
    TRY(const auto files, uptane::publish(root_, targets, plan, signers));
    ENSURE(files_.put(row(vin, Role::targets, files.targets_version, files.targets)));
    ENSURE(files_.put(row(vin, Role::snapshot, files.snapshot_version, files.snapshot)));
    ENSURE(files_.forget_all(director, vin.view(), uptane::to_string(Role::timestamp)));
    return files_.put(row(vin, Role::timestamp, files.timestamp_version, files.timestamp));
}

Result<void> Director::renew_timestamp(const Vin& vin, const Current& previous, UtcTime now) {
    const auto timestamp = uptane::make_timestamp(previous.timestamp.snapshot,
                                                  {previous.timestamp.version + 1, now + lifetimes_.timestamp});
    const auto signers = pointers(keys_.timestamp);
    TRY(const auto bytes, uptane::sign_for(root_, Role::timestamp, uptane::to_json(timestamp), signers));
    ENSURE(files_.forget_all(director, vin.view(), uptane::to_string(Role::timestamp)));
    return files_.put(row(vin, Role::timestamp, timestamp.version, bytes));
}

Result<void> Director::direct(const Vin& vin, std::span<const NamedTarget> wanted, UtcTime now) {
    TRY(const auto before, current(vin));
    std::vector<NamedTarget> all(wanted.begin(), wanted.end());
    if (before)
        for (auto& old : listed(before->targets))
            if (std::ranges::none_of(wanted,
                                     [&](const NamedTarget& target) { return target.info.ecu == old.info.ecu; }))
                all.push_back(std::move(old));
    const bool unchanged = before && before->targets.targets.size() == all.size() &&
                           std::ranges::all_of(all, [&](const NamedTarget& target) {
                               const auto same = before->targets.targets.find(target.name);
                               return same != before->targets.targets.end() && same->second == target.info;
                           });
    if (unchanged) return keep_fresh(vin, now);
    return publish(vin, before ? &*before : nullptr, std::move(all), now);
}

Result<void> Director::withdraw(const Vin& vin, std::span<const TargetName> names, UtcTime now) {
    TRY(const auto before, current(vin));
    if (!before) return {};
    auto left = listed(before->targets);
    const auto gone = std::erase_if(
        left, [&](const NamedTarget& target) { return std::ranges::find(names, target.name) != names.end(); });
    if (gone == 0) return {};
    return publish(vin, &*before, std::move(left), now);
}

Result<void> Director::keep_fresh(const Vin& vin, UtcTime now) {
    TRY(const auto before, current(vin));
    if (!before) return publish(vin, nullptr, {}, now);  // an honest "nothing for you", with the VIN in it
    if (half_gone(before->targets.expires, lifetimes_.targets, now) ||
        half_gone(before->snapshot.expires, lifetimes_.snapshot, now))
        return publish(vin, &*before, listed(before->targets), now);
    if (half_gone(before->timestamp.expires, lifetimes_.timestamp, now)) return renew_timestamp(vin, *before, now);
    return {};
}

Result<std::string> Director::file(const Vin& vin, std::string_view file, UtcTime now) {
    const auto name = MetadataName::parse(file);
    if (!name) return fail(faults::unknown_file, file);
    if (name->role == Role::root) {
        const auto root = roots_.find(name->version);
        if (root == roots_.end()) return fail(faults::unknown_file, file);
        return root->second;
    }
    const auto role = uptane::to_string(name->role);
    if (name->role == Role::timestamp) {
        ENSURE(keep_fresh(vin, now));
    }
    TRY(auto found, name->role == Role::timestamp ? files_.newest(director, vin.view(), role)
                                                  : files_.find(director, vin.view(), role, name->version));
    if (!found) return fail(faults::unknown_file, file);
    return std::move(found->bytes);
}

}  // namespace pitstop::server
