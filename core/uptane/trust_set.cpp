#include "core/uptane/trust_set.h"

#include "core/uptane/faults.h"
#include "core/uptane/promise.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

// Others sign a file again without giving it a new version; ours never do.
bool same_content(View a, View b, const Rules& rules) {
    if (std::ranges::equal(a, b)) return true;
    if (rules.is_strict()) return false;
    const auto one = open_envelope(a, "", a.size(), rules), other = open_envelope(b, "", b.size(), rules);
    return one && other && one->canonical == other->canonical;
}

// Against what was trusted before, in this cycle or an earlier one.
template <class Known>
Result<void> check_not_older(Role role, std::uint32_t version, View file, const std::optional<Known>& known,
                             const Rules& rules) {
    if (!known) return {};
    const std::uint32_t trusted = known->value.version;
    if (version < trusted)
        return fail(faults::rolled_back,
                    std::format("{} is version {}, trusted is {}", to_string(role), version, trusted));
    if (version == trusted && !same_content(file, known->file, rules))
        return fail(faults::same_version_changed, std::format("{} version {}", to_string(role), version));
    return {};
}

Result<void> check_entries_kept(const Snapshot& next, const Snapshot& known) {
    for (const auto& [name, info] : known.files) {
        const auto found = next.files.find(name);
        if (found == next.files.end()) return fail(faults::entry_dropped, name);
        const FileInfo& now = found->second;
        if (now.version < info.version)
            return fail(faults::rolled_back, std::format("snapshot lists {:.80} in version {}, trusted is {}", name,
                                                         now.version, info.version));
        const bool other_bytes = (now.sha256 && info.sha256 && now.sha256 != info.sha256) ||
                                 (now.sha512 && info.sha512 && now.sha512 != info.sha512);
        if (now.version == info.version && other_bytes)
            return fail(faults::same_version_changed, std::format("{:.80} version {}", name, now.version));
    }
    return {};
}

Bytes copy(View file) { return Bytes(file.begin(), file.end()); }

}  // namespace

Result<TrustSet> TrustSet::from_root(Repository repository, ReceivedRoot root, const Rules& rules) {
    TRY(const Envelope envelope, open_envelope(root.file, Role::root, rules));
    TRY(Root value, read_root(envelope.body, rules));
    ENSURE(check_signatures(envelope, value, Role::root));
    return TrustSet(repository, {std::move(value), copy(root.file)}, rules);
}

void TrustSet::start_cycle() {
    delegated_.clear();
    reached_ = Role::root;
    roots_in_cycle_ = 0;
}

Result<void> TrustSet::succeed(ReceivedRoot next) {
    if (roots_in_cycle_ == rules_.roots_per_cycle_max)
        return fail(faults::too_many_roots, std::format("{} in one cycle", roots_in_cycle_));
    TRY(const Envelope envelope, open_envelope(next.file, Role::root, rules_));
    TRY(Root value, read_root(envelope.body, rules_));
    ENSURE(check_signatures(envelope, root(), Role::root));
    ENSURE(check_signatures(envelope, value, Role::root));
    if (value.version < root().version)
        return fail(faults::rolled_back,
                    std::format("root is version {}, trusted is {}", value.version, root().version));
    if (value.version != std::uint64_t{root().version} + 1)
        return fail(faults::wrong_version, std::format("root is version {}, the next is {}", value.version,
                                                       std::uint64_t{root().version} + 1));
    root_ = {std::move(value), copy(next.file)};
    forget_what_root_no_longer_vouches_for();
    delegated_.clear();
    reached_ = Role::root;
    ++roots_in_cycle_;
    return {};
}

// Recovery from a fast-forward attack (#check_root step 4): who stole a key may have signed a huge version number. What
// the new Root's keys still vouch for is kept, so that adding a key opens no way back to older files. The version of
// Targets is only as good as the Snapshot that listed it.
void TrustSet::forget_what_root_no_longer_vouches_for() {
    const bool timestamp_gone = timestamp_ && !open_timestamp(timestamp_->file);
    const bool snapshot_gone = snapshot_ && !open_snapshot(snapshot_->file);
    const bool targets_gone = targets_ && !open_targets(targets_->file);
    if (timestamp_gone || snapshot_gone) {
        timestamp_.reset();
        snapshot_.reset();
    }
    if (targets_gone || snapshot_gone) {
        targets_.reset();
        delegated_files_.clear();
    }
}

Result<void> TrustSet::check_root_current(UtcTime now) const { return check_not_expired("root", root().expires, now); }

// Another vehicle's files are genuine, and may have higher versions: once remembered they would shut out our own.
Result<void> TrustSet::check_vehicle(std::string_view role, const std::optional<Vin>& vin) const {
    if (!rules_.is_strict() || repository_ != Repository::director) return {};
    if (!vin) return fail(faults::bad_member, std::format("{} of the Director without 'vin'", role));
    if (!rules_.vin || *rules_.vin == *vin) return {};
    return fail(faults::wrong_vin, std::format("{} for {}, this is {}", role, vin->view(), rules_.vin->view()));
}

// Plain TUF (§5.4.3.1) goes on with the Timestamp that it knows; for us the same version with other bytes is an attack.
bool TrustSet::keeps_known(const std::optional<Trusted<Timestamp>>& known, std::uint32_t version, View file) const {
    return !rules_.is_strict() && known && known->value.version == version && !std::ranges::equal(file, known->file);
}

Result<void> TrustSet::accept_timestamp(ReceivedTimestamp next, UtcTime now) {
    ENSURE(check_root_current(now));
    TRY(auto opened, open_timestamp(next.file));
    if (keeps_known(timestamp_, opened.value.version, next.file)) opened = *timestamp_;
    const Timestamp& value = opened.value;
    ENSURE(check_not_older(Role::timestamp, value.version, opened.file, timestamp_, rules_));
    if (timestamp_ && value.snapshot.version < timestamp_->value.snapshot.version)
        return fail(faults::rolled_back, std::format("timestamp lists snapshot in version {}, trusted is {}",
                                                     value.snapshot.version, timestamp_->value.snapshot.version));
    ENSURE(check_not_expired("timestamp", value.expires, now));
    timestamp_ = std::move(opened);
    reached_ = Role::timestamp;
    return {};
}

Result<void> TrustSet::accept_snapshot(ReceivedSnapshot next, UtcTime now) {
    const Timestamp* promise = timestamp();
    if (!promise) return fail(faults::out_of_order, "snapshot before timestamp");
    ENSURE(check_promise("snapshot", next.file, promise->snapshot, rules_));
    TRY(auto opened, open_snapshot(next.file));
    const Snapshot& value = opened.value;
    ENSURE(check_promised_version("snapshot", value.version, promise->snapshot.version));
    ENSURE(check_not_older(Role::snapshot, value.version, next.file, snapshot_, rules_));
    if (snapshot_) ENSURE(check_entries_kept(value, snapshot_->value));
    ENSURE(check_not_expired("snapshot", value.expires, now));
    snapshot_ = std::move(opened);
    reached_ = Role::snapshot;
    return {};
}

Result<void> TrustSet::accept_targets(ReceivedTargets next, UtcTime now) {
    const Snapshot* promise = snapshot();
    const bool listed = rules_.has_listing_roles(repository_);
    if (listed && !promise) return fail(faults::out_of_order, "targets before snapshot");
    if (!listed) ENSURE(check_root_current(now));
    if (listed) ENSURE(check_promise("targets", next.file, promise->targets(), rules_));
    TRY(auto opened, open_targets(next.file));
    const Targets& value = opened.value;
    if (listed) ENSURE(check_promised_version("targets", value.version, promise->targets().version));
    ENSURE(check_not_older(Role::targets, value.version, next.file, targets_, rules_));
    ENSURE(check_not_expired("targets", value.expires, now));
    targets_ = std::move(opened);
    delegated_.clear();
    reached_ = Role::targets;
    return {};
}

Result<TrustSet::Trusted<Timestamp>> TrustSet::open_timestamp(View file) const {
    TRY(const Envelope envelope, open_envelope(file, Role::timestamp, rules_));
    ENSURE(check_signatures(envelope, root(), Role::timestamp));
    TRY(Timestamp value, read_timestamp(envelope.body, rules_));
    ENSURE(check_vehicle("timestamp", value.vin));
    return Trusted<Timestamp>{std::move(value), copy(file)};
}

Result<TrustSet::Trusted<Snapshot>> TrustSet::open_snapshot(View file) const {
    TRY(const Envelope envelope, open_envelope(file, Role::snapshot, rules_));
    ENSURE(check_signatures(envelope, root(), Role::snapshot));
    TRY(Snapshot value, read_snapshot(envelope.body, rules_));
    ENSURE(check_vehicle("snapshot", value.vin));
    return Trusted<Snapshot>{std::move(value), copy(file)};
}

Result<TrustSet::Trusted<Targets>> TrustSet::open_targets(View file) const {
    TRY(const Envelope envelope, open_envelope(file, Role::targets, rules_));
    ENSURE(check_signatures(envelope, root(), Role::targets));
    TRY(Targets value, read_targets(envelope.body, repository_, rules_));
    ENSURE(check_vehicle("targets", value.vin));
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
