#include "core/uptane/trust_set.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::uptane {
namespace {

Result<void> check_not_expired(Role role, UtcTime expires, UtcTime now) {
    if (now < expires) return {};
    return fail(faults::expired, std::format("{} ended {}, it is {}", to_string(role), expires.str(), now.str()));
}

// Against what the file before it promised. Length first: it is cheap and bounds the hashing.
Result<void> check_promise(Role role, View file, const FileInfo& promised) {
    if (promised.length_bytes && file.size() != *promised.length_bytes)
        return fail(faults::wrong_length,
                    std::format("{}: {} bytes, promised are {}", to_string(role), file.size(), *promised.length_bytes));
    if (promised.sha256 && crypto::sha256(file) != *promised.sha256)
        return fail(faults::wrong_hash, std::format("{}: SHA-256", to_string(role)));
    if (promised.sha512 && crypto::sha512(file) != *promised.sha512)
        return fail(faults::wrong_hash, std::format("{}: SHA-512", to_string(role)));
    return {};
}

Result<void> check_promised_version(Role role, std::uint32_t version, std::uint32_t promised) {
    if (version == promised) return {};
    return fail(faults::wrong_version,
                std::format("{} is version {}, promised is {}", to_string(role), version, promised));
}

// Against what was trusted before, in this cycle or an earlier one.
template <class Known>
Result<void> check_not_older(Role role, std::uint32_t version, View file, const std::optional<Known>& known) {
    if (!known) return {};
    const std::uint32_t trusted = known->value.version;
    if (version < trusted)
        return fail(faults::rolled_back,
                    std::format("{} is version {}, trusted is {}", to_string(role), version, trusted));
    if (version == trusted && !std::ranges::equal(file, known->file))
        return fail(faults::same_version_changed, std::format("{} version {}", to_string(role), version));
    return {};
}

Result<void> check_entries_kept(const Snapshot& next, const Snapshot& known) {
    for (const auto& [name, info] : known.files) {
        const auto found = next.files.find(name);
        if (found == next.files.end()) return fail(faults::entry_dropped, name);
        if (found->second.version < info.version)
            return fail(faults::rolled_back, std::format("snapshot lists {} in version {}, trusted is {}", name,
                                                         found->second.version, info.version));
    }
    return {};
}

bool same_keys(const Root& a, const Root& b, Role role) {
    const auto material = [role](const Root& root) {
        std::set<std::string> ids;
        for (const std::string& keyid : root.of(role).keyids) ids.insert(root.keys.at(keyid).key_id());
        return ids;
    };
    const RoleKeys &of_a = a.of(role), &of_b = b.of(role);
    return material(a) == material(b) && of_a.keyids == of_b.keyids && of_a.threshold == of_b.threshold &&
           of_a.families == of_b.families;
}

Bytes copy(View file) { return Bytes(file.begin(), file.end()); }

}  // namespace

Result<TrustSet> TrustSet::from_root(Repository repository, ReceivedRoot root, TrustLimits limits) {
    TRY(const Envelope envelope, open_envelope(root.file, Role::root));
    TRY(Root value, read_root(envelope.body));
    ENSURE(check_signatures(envelope, value, Role::root));
    return TrustSet(repository, {std::move(value), copy(root.file)}, limits);
}

void TrustSet::start_cycle() {
    reached_ = Role::root;
    roots_in_cycle_ = 0;
}

Result<void> TrustSet::succeed(ReceivedRoot next) {
    if (roots_in_cycle_ == limits_.roots_per_cycle_max)
        return fail(faults::too_many_roots, std::format("{} in one cycle", roots_in_cycle_));
    TRY(const Envelope envelope, open_envelope(next.file, Role::root));
    TRY(Root value, read_root(envelope.body));
    ENSURE(check_signatures(envelope, root(), Role::root));
    ENSURE(check_signatures(envelope, value, Role::root));
    if (value.version < root().version)
        return fail(faults::rolled_back,
                    std::format("root is version {}, trusted is {}", value.version, root().version));
    if (value.version != std::uint64_t{root().version} + 1)
        return fail(faults::wrong_version, std::format("root is version {}, the next is {}", value.version,
                                                       std::uint64_t{root().version} + 1));
    forget_roles_with_new_keys(value);
    root_ = {std::move(value), copy(next.file)};
    reached_ = Role::root;
    ++roots_in_cycle_;
    return {};
}

// Recovery from a fast-forward attack (#check_root step 4): who stole a key may have signed a huge version number.
void TrustSet::forget_roles_with_new_keys(const Root& next) {
    if (!same_keys(root(), next, Role::timestamp) || !same_keys(root(), next, Role::snapshot)) {
        timestamp_.reset();
        snapshot_.reset();
    }
    if (!same_keys(root(), next, Role::targets)) targets_.reset();
}

Result<void> TrustSet::accept_timestamp(ReceivedTimestamp next, UtcTime now) {
    ENSURE(check_not_expired(Role::root, root().expires, now));
    TRY(auto opened, open_timestamp(next.file));
    const Timestamp& value = opened.value;
    ENSURE(check_not_older(Role::timestamp, value.version, next.file, timestamp_));
    if (timestamp_ && value.snapshot.version < timestamp_->value.snapshot.version)
        return fail(faults::rolled_back, std::format("timestamp lists snapshot in version {}, trusted is {}",
                                                     value.snapshot.version, timestamp_->value.snapshot.version));
    ENSURE(check_not_expired(Role::timestamp, value.expires, now));
    timestamp_ = std::move(opened);
    reached_ = Role::timestamp;
    return {};
}

Result<void> TrustSet::accept_snapshot(ReceivedSnapshot next, UtcTime now) {
    const Timestamp* promise = timestamp();
    if (!promise) return fail(faults::out_of_order, "snapshot before timestamp");
    ENSURE(check_promise(Role::snapshot, next.file, promise->snapshot));
    TRY(auto opened, open_snapshot(next.file));
    const Snapshot& value = opened.value;
    ENSURE(check_promised_version(Role::snapshot, value.version, promise->snapshot.version));
    ENSURE(check_not_older(Role::snapshot, value.version, next.file, snapshot_));
    if (snapshot_) ENSURE(check_entries_kept(value, snapshot_->value));
    ENSURE(check_not_expired(Role::snapshot, value.expires, now));
    snapshot_ = std::move(opened);
    reached_ = Role::snapshot;
    return {};
}

Result<void> TrustSet::accept_targets(ReceivedTargets next, UtcTime now) {
    const Snapshot* promise = snapshot();
    if (!promise) return fail(faults::out_of_order, "targets before snapshot");
    ENSURE(check_promise(Role::targets, next.file, promise->targets()));
    TRY(auto opened, open_targets(next.file));
    const Targets& value = opened.value;
    ENSURE(check_promised_version(Role::targets, value.version, promise->targets().version));
    ENSURE(check_not_older(Role::targets, value.version, next.file, targets_));
    ENSURE(check_not_expired(Role::targets, value.expires, now));
    targets_ = std::move(opened);
    reached_ = Role::targets;
    return {};
}

Result<TrustSet::Trusted<Timestamp>> TrustSet::open_timestamp(View file) const {
    TRY(const Envelope envelope, open_envelope(file, Role::timestamp));
    ENSURE(check_signatures(envelope, root(), Role::timestamp));
    TRY(Timestamp value, read_timestamp(envelope.body));
    return Trusted<Timestamp>{std::move(value), copy(file)};
}

Result<TrustSet::Trusted<Snapshot>> TrustSet::open_snapshot(View file) const {
    TRY(const Envelope envelope, open_envelope(file, Role::snapshot));
    ENSURE(check_signatures(envelope, root(), Role::snapshot));
    TRY(Snapshot value, read_snapshot(envelope.body));
    return Trusted<Snapshot>{std::move(value), copy(file)};
}

Result<TrustSet::Trusted<Targets>> TrustSet::open_targets(View file) const {
    TRY(const Envelope envelope, open_envelope(file, Role::targets));
    ENSURE(check_signatures(envelope, root(), Role::targets));
    TRY(Targets value, read_targets(envelope.body, repository_));
    return Trusted<Targets>{std::move(value), copy(file)};
}

const Timestamp* TrustSet::timestamp() const { return reached_ >= Role::timestamp ? &timestamp_->value : nullptr; }
const Snapshot* TrustSet::snapshot() const { return reached_ >= Role::snapshot ? &snapshot_->value : nullptr; }
const Targets* TrustSet::targets() const { return reached_ >= Role::targets ? &targets_->value : nullptr; }

View TrustSet::remembered(Role role) const {
    switch (role) {
        case Role::root: return root_.file;
        case Role::timestamp: return timestamp_ ? View(timestamp_->file) : View();
        case Role::snapshot: return snapshot_ ? View(snapshot_->file) : View();
        case Role::targets: return targets_ ? View(targets_->file) : View();
    }
    return {};
}

}  // namespace pitstop::uptane
