#include "core/uptane/cycle.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

// The aktualizr family promises the length of the canonical form, whatever is served.
std::size_t smaller(std::size_t cap, const std::optional<std::uint64_t>& promised, const Rules& rules) {
    if (!promised || rules.dialect == Dialect::aktualizr) return cap;
    return static_cast<std::size_t>(std::min<std::uint64_t>(cap, *promised));
}

}  // namespace

std::string file_of(const Fetch& fetch) {
    return fetch.version ? std::format("{}.{}.json", *fetch.version, fetch.role) : fetch.role + ".json";
}

Cycle::Cycle(TrustSet& trust, UtcTime now) : trust_(trust), now_(now) { trust_.start_cycle(); }

Step Cycle::next() {
    if (failure_) return Failed{*failure_};
    take_remembered();
    if (unsaved_) return Save{};
    if (at_ == At::search) search();
    if (failure_) return Failed{*failure_};
    if (unsaved_) return Save{};
    if (at_ == At::done) return Done{};
    return fetch();
}

// What was trusted before is good again when the new promise still names it.
void Cycle::take_remembered() {
    if (at_ == At::snapshot) {
        const Bytes known(trust_.remembered(Role::snapshot).begin(), trust_.remembered(Role::snapshot).end());
        if (!known.empty() && trust_.accept_snapshot(ReceivedSnapshot{known}, now_)) at_ = At::targets;
    }
    if (at_ == At::targets && trust_.rules().has_listing_roles(trust_.repository())) {
        const Bytes known(trust_.remembered(Role::targets).begin(), trust_.remembered(Role::targets).end());
        if (!known.empty() && trust_.accept_targets(ReceivedTargets{known}, now_)) at_ = At::done;
    }
}

void Cycle::search() {
    for (;;) {
        auto found = trust_.look_up(wanted_->target, wanted_->hardware);
        if (!found) return on_error(found.error());
        needed_ = std::move(found->needed);
        if (!needed_) {
            at_ = At::done;
            return;
        }
        const View remembered = trust_.remembered(needed_->role());
        const Bytes known(remembered.begin(), remembered.end());
        if (known.empty() || !trust_.accept_delegated(ReceivedTargets{known}, *needed_, now_)) return;
    }
}

std::optional<std::uint32_t> Cycle::named_version(std::uint32_t version) const {
    const bool named = trust_.root().consistent_snapshot && trust_.rules().has_versioned_names();
    return named ? std::optional(version) : std::nullopt;
}

Fetch Cycle::fetch() const {
    switch (at_) {
        case At::root: return {"root", trust_.root().version + 1, size_bytes_max(Role::root)};
        case At::timestamp: return {"timestamp", std::nullopt, size_bytes_max(Role::timestamp)};
        case At::snapshot: {
            const FileInfo& promised = trust_.timestamp()->snapshot;
            return {"snapshot", named_version(promised.version),
                    smaller(size_bytes_max(Role::snapshot), promised.length_bytes, trust_.rules())};
        }
        case At::targets: {
            if (!trust_.snapshot()) return {"targets", std::nullopt, size_bytes_max(Role::targets)};
            const FileInfo& promised = trust_.snapshot()->targets();
            return {"targets", named_version(promised.version),
                    smaller(size_bytes_max(Role::targets), promised.length_bytes, trust_.rules())};
        }
        default: break;
    }
    return {needed_->role(), named_version(needed_->promised.version),
            smaller(size_bytes_max(Role::targets), needed_->promised.length_bytes, trust_.rules())};
}

void Cycle::reached(At next) {
    at_ = next;
    unsaved_ = true;
}

void Cycle::accept(View file) {
    const auto take = [this](const Result<void>& accepted, At next) {
        accepted ? reached(next) : on_error(accepted.error());
    };
    switch (at_) {
        case At::root: return take(trust_.succeed(ReceivedRoot{file}), At::root);
        case At::timestamp: return take(trust_.accept_timestamp(ReceivedTimestamp{file}, now_), At::snapshot);
        case At::snapshot: return take(trust_.accept_snapshot(ReceivedSnapshot{file}, now_), At::targets);
        case At::targets: return take(trust_.accept_targets(ReceivedTargets{file}, now_), At::done);
        case At::search: return take(trust_.accept_delegated(ReceivedTargets{file}, *needed_, now_), At::search);
        case At::done: break;
    }
}

void Cycle::on_file(View file) {
    if (failure_) return;
    const Fetch asked = fetch();
    if (file.size() > asked.size_bytes_max)
        return on_error(
            Error(faults::too_large, std::format("{:.80}: more than {} bytes", file_of(asked), asked.size_bytes_max)));
    accept(file);
}

// Only here may the root chain end, and nothing is asked under a Root past its date; everything else that was promised
// must be there.
void Cycle::on_absent() {
    if (failure_) return;
    if (at_ != At::root) return on_error(Error(faults::not_published, std::format("{:.100}", file_of(fetch()))));
    if (const auto current = trust_.check_root_current(now_); !current) return on_error(current.error());
    at_ = trust_.rules().has_listing_roles(trust_.repository()) ? At::timestamp : At::targets;
}

void Cycle::on_error(const Error& error) { failure_ = error; }

void Cycle::want(TargetPath target, std::optional<HardwareId> hardware) {
    wanted_ = Wanted{std::move(target), std::move(hardware)};
    if (at_ == At::done) at_ = At::search;
}

}  // namespace pitstop::uptane
