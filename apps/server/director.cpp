#include "apps/server/director.h"

#include "apps/server/faults.h"
#include "apps/server/metadata_name.h"
#include "core/crypto/prepared_signer.h"
#include "core/uptane/batch.h"
#include "core/uptane/director_text.h"
#include "core/uptane/trust_set.h"
#include "io/files/atomic_file.h"

#include <algorithm>
#include <format>

namespace pitstop::server {
namespace {

using io::store::MetadataRow;
using uptane::Edition;
using uptane::NamedTarget;
using uptane::Role;

constexpr auto director = io::store::Repository::director;
constexpr std::size_t fresh_vehicles_max = 200'000;  // 20 MB; beyond that, all are looked at once more

UtcTime half_before(UtcTime expires, std::chrono::days lifetime) {
    return expires + -(std::chrono::seconds(lifetime) / 2);
}

MetadataRow row(const Vin& vin, Role role, std::uint32_t version, View bytes) {
    return {director, vin.str(), std::string(uptane::to_string(role)), version, std::string(text_of(bytes))};
}

Result<std::vector<NamedTarget>> listed(const uptane::Targets& targets) {
    std::vector<NamedTarget> all;
    for (const auto& [path, info] : targets.targets) {
        TRY(const TargetName name, TargetName::parse(path.view()));
        all.push_back({name, info});
    }
    return all;
}

bool is_same(const NamedTarget& a, const NamedTarget& b) { return a.name == b.name && a.info == b.info; }

bool is_same(const uptane::Targets& targets, std::span<const NamedTarget> wanted) {
    return targets.targets.size() == wanted.size() && std::ranges::all_of(wanted, [&](const NamedTarget& target) {
               const auto there = targets.targets.find(target.name);
               return there != targets.targets.end() && there->second == target.info;
           });
}

}  // namespace

Result<Director> Director::open(const std::filesystem::path& folder, OnlineKeys keys, io::store::Database& database) {
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
    return Director(std::move(roots), trust.root(), std::move(keys), database);
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

Result<Director::Change*> Director::change_of(const Vin& vin) {
    const auto known = changes_.find(vin);
    if (known != changes_.end()) return &known->second;
    Change change;
    TRY(change.before, current(vin));
    if (change.before) {
        TRY(change.wanted, listed(change.before->targets));
    }
    return &changes_.insert_or_assign(vin, std::move(change)).first->second;
}

Result<void> Director::direct(const Vin& vin, std::span<const NamedTarget> wanted) {
    TRY(Change * change, change_of(vin));
    const auto is_directed_now = [&](const NamedTarget& old) {
        return std::ranges::any_of(wanted, [&](const NamedTarget& target) {
            return target.info.ecu == old.info.ecu || target.name == old.name;
        });
    };
    std::erase_if(change->wanted, is_directed_now);
    change->wanted.insert(change->wanted.end(), wanted.begin(), wanted.end());
    return {};
}

Result<void> Director::withdraw(const Vin& vin, std::span<const TargetName> names) {
    TRY(Change * change, change_of(vin));
    std::erase_if(change->wanted,
                  [&](const NamedTarget& target) { return std::ranges::find(names, target.name) != names.end(); });
    return {};
}

Result<void> Director::keep_only(const Vin& vin, const std::function<bool(const uptane::TargetInfo&)>& fits) {
    TRY(Change * change, change_of(vin));
    std::erase_if(change->wanted, [&](const NamedTarget& target) { return !fits(target.info); });
    return {};
}

Result<void> Director::sign_changes(UtcTime now) {
    // A vehicle that nobody ever directed anywhere gets its empty Targets when it asks.
    std::erase_if(changes_, [](const auto& one) {
        const Change& change = one.second;
        return change.before ? is_same(change.before->targets, change.wanted) : change.wanted.empty();
    });
    const Changes changes = std::exchange(changes_, {});
    return publish(changes, now);
}

RoleKeyFiles& Director::keys_of(Role role) {
    return role == Role::targets ? keys_.targets : role == Role::snapshot ? keys_.snapshot : keys_.timestamp;
}

bool Director::signs_together(Role role, std::size_t vehicles) const {
    return vehicles >= batch_vehicles_min && root_.of(role).batches == uptane::BatchSignatures::allowed;
}

// One ML-DSA signature for all (docs/formats/batch.md). `texts`: canonical.
Result<std::vector<Bytes>> Director::sign_batch(Role role, std::vector<std::string> texts) {
    std::vector<uptane::BatchEntry> entries;
    entries.reserve(texts.size());
    for (std::string& text : texts) entries.push_back({std::move(text), {}, {}});
    crypto::SoftwareSigner &classical = keys_of(role).front(), &post_quantum = keys_of(role).back();
    auto prepared = crypto::PreparedSigner::make(classical.key());  // for ECDSA P-256; others sign as they do
    ENSURE(uptane::prepare(entries, prepared ? static_cast<crypto::Signer&>(*prepared) : classical));
    TRY(const auto batch, uptane::SignedBatch::sign(entries, classical.public_key(), post_quantum));
    std::vector<Bytes> files(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) batch.write(entries[i], i, files[i]);
    TRY(const auto first, uptane::open_envelope(files.front(), role));
    ENSURE(uptane::check_signatures(first, root_, role));  // no car would accept any of them otherwise
    return files;
}

Result<std::vector<Bytes>> Director::sign_all(Role role, std::span<const json::Object> bodies) {
    if (signs_together(role, bodies.size())) {
        std::vector<std::string> texts;
        for (const json::Object& body : bodies) {
            TRY(std::string text, json::canonical(body));
            texts.push_back(std::move(text));
        }
        return sign_batch(role, std::move(texts));
    }
    const auto signers = signers_of(keys_of(role));
    std::vector<Bytes> files;
    for (const json::Object& body : bodies) {
        TRY(Bytes file, uptane::sign_for(root_, role, body, signers));
        files.push_back(std::move(file));
    }
    return files;
}

// Many vehicles get the same few images: together their texts are written from what they have in common.
Result<std::vector<Bytes>> Director::sign_targets(const Changes& changes, std::span<const Edition> editions) {
    if (!signs_together(Role::targets, changes.size())) {
        std::vector<json::Object> bodies;
        for (const auto& [vin, change] : changes) {
            TRY(const auto made, uptane::direct(vin, change.wanted, editions[bodies.size()]));
            bodies.push_back(uptane::to_json(made));
        }
        return sign_all(Role::targets, bodies);
    }
    std::vector<NamedTarget> images;
    std::vector<std::vector<std::uint32_t>> assigned;
    for (const auto& [vin, change] : changes) {
        assigned.emplace_back();
        for (const NamedTarget& wanted : change.wanted) {
            auto known = std::ranges::find_if(images, [&](const NamedTarget& image) { return is_same(image, wanted); });
            if (known == images.end()) known = images.insert(images.end(), wanted);
            assigned.back().push_back(static_cast<std::uint32_t>(known - images.begin()));
        }
    }
    TRY(const auto common, uptane::DirectorText::make(images, editions.front().expires));
    std::vector<std::string> texts(changes.size());
    for (std::size_t i = 0; const auto& [vin, change] : changes) {
        ENSURE(common.write(vin, editions[i].version, assigned[i], texts[i]));
        ++i;
    }
    return sign_batch(Role::targets, std::move(texts));
}

// Role by role for all of them, so that one signature can stand for many vehicles.
Result<void> Director::publish(const Changes& changes, UtcTime now) {
    std::vector<json::Object> bodies;
    std::vector<Edition> targets, snapshots, timestamps;
    std::vector<Vin> vins;
    for (const auto& [vin, change] : changes) {
        vins.push_back(vin);
        const Current* before = change.before ? &*change.before : nullptr;
        targets.push_back({before ? before->targets.version + 1 : 1, now + lifetimes_.targets});
        snapshots.push_back({before ? before->snapshot.version + 1 : 1, now + lifetimes_.snapshot});
        timestamps.push_back({before ? before->timestamp.version + 1 : 1, now + lifetimes_.timestamp});
        TRY(const auto made, uptane::direct(vin, change.wanted, targets.back()));
        bodies.push_back(uptane::to_json(made));
    }
    TRY(const auto targets_files, sign_all(Role::targets, bodies));
    const auto of_vehicle = [](const Vin& vin, auto role) {
        role.vin = vin;
        return uptane::to_json(role);
    };
    for (std::size_t i = 0; i < bodies.size(); ++i)
        bodies[i] = of_vehicle(
            vins[i], uptane::make_snapshot(uptane::info_of(targets[i].version, targets_files[i]), snapshots[i]));
    TRY(const auto snapshot_files, sign_all(Role::snapshot, bodies));
    for (std::size_t i = 0; i < bodies.size(); ++i)
        bodies[i] = of_vehicle(
            vins[i], uptane::make_timestamp(uptane::info_of(snapshots[i].version, snapshot_files[i]), timestamps[i]));
    TRY(const auto timestamp_files, sign_all(Role::timestamp, bodies));
    std::size_t i = 0;
    for (const auto& [vin, change] : changes) {
        ENSURE(files_.put(row(vin, Role::targets, targets[i].version, targets_files[i])));
        ENSURE(files_.put(row(vin, Role::snapshot, snapshots[i].version, snapshot_files[i])));
        ENSURE(files_.forget_all(director, vin.view(), uptane::to_string(Role::timestamp)));
        ENSURE(files_.put(row(vin, Role::timestamp, timestamps[i].version, timestamp_files[i])));
        fresh_until_.erase(vin);
        ++i;
    }
    return {};
}

Result<void> Director::renew_timestamp(const Vin& vin, const Current& previous, UtcTime now) {
    auto timestamp = uptane::make_timestamp(previous.timestamp.snapshot,
                                            {previous.timestamp.version + 1, now + lifetimes_.timestamp});
    timestamp.vin = vin;
    const std::array bodies{uptane::to_json(timestamp)};
    TRY(const auto files, sign_all(Role::timestamp, bodies));
    ENSURE(files_.forget_all(director, vin.view(), uptane::to_string(Role::timestamp)));
    return files_.put(row(vin, Role::timestamp, timestamp.version, files.front()));
}

void Director::remember_fresh(const Vin& vin, const Current& current) {
    if (fresh_until_.size() >= fresh_vehicles_max) fresh_until_.clear();
    fresh_until_[vin] = std::min({half_before(current.targets.expires, lifetimes_.targets),
                                  half_before(current.snapshot.expires, lifetimes_.snapshot),
                                  half_before(current.timestamp.expires, lifetimes_.timestamp)});
}

Result<void> Director::keep_fresh(const Vin& vin, UtcTime now) {
    TRY(auto before, current(vin));
    if (!before) return publish({{vin, {}}}, now);  // an honest "nothing for you", with the VIN in it
    if (half_before(before->targets.expires, lifetimes_.targets) <= now ||
        half_before(before->snapshot.expires, lifetimes_.snapshot) <= now) {
        TRY(auto wanted, listed(before->targets));
        return publish({{vin, {*std::move(before), std::move(wanted)}}}, now);
    }
    if (half_before(before->timestamp.expires, lifetimes_.timestamp) <= now) return renew_timestamp(vin, *before, now);
    remember_fresh(vin, *before);
    return {};
}

Result<Bytes> Director::sign_order(const json::Object& body) {
    return uptane::sign_for(root_, Role::targets, body, signers_of(keys_.targets));
}

Result<std::string> Director::file(const Vin& vin, std::string_view file, UtcTime now) {
    const auto name = MetadataName::parse(file);
    if (!name || !name->delegated.empty()) return fail(faults::unknown_file, file);  // a Director never delegates
    if (name->role == Role::root) {
        const auto root = roots_.find(name->version);
        if (root == roots_.end()) return fail(faults::unknown_file, file);
        return root->second;
    }
    const auto role = uptane::to_string(name->role);
    const auto fresh = fresh_until_.find(vin);
    const bool is_fresh = fresh != fresh_until_.end() && now < fresh->second;
    if (name->role == Role::timestamp && !is_fresh)  // the first thing a vehicle asks for, and what leads to the others
        ENSURE(database_.transaction([&] { return keep_fresh(vin, now); }));
    TRY(auto found, name->role == Role::timestamp ? files_.newest(director, vin.view(), role)
                                                  : files_.find(director, vin.view(), role, name->version));
    if (!found) return fail(faults::unknown_file, file);
    return std::move(found->bytes);
}

}  // namespace pitstop::server
