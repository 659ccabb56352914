// Deltas as operators and vehicles see them.
#include "apps/server/deliveries.h"
#include "apps/server/faults.h"

#include <algorithm>

namespace pitstop::server {
namespace {

using io::store::DeltaKey;
using io::store::DeltaRow;
using io::store::DeltaState;

std::string_view to_string(DeltaState state) {
    switch (state) {
        case DeltaState::made: return "made";
        case DeltaState::not_worth_it: return "not-worth-it";
        case DeltaState::failed: return "failed";
    }
    return "";
}

std::int64_t saving_percent(const DeltaRow& row) {
    if (row.image_size_bytes == 0) return 0;
    const auto size = static_cast<std::int64_t>(row.size_bytes), full = static_cast<std::int64_t>(row.image_size_bytes);
    return (full - size) * 100 / full;
}

json::Object frame_of(const campaign::Target& target, const DeltaKey& key, std::string_view state) {
    return {{"ecu_id", target.ecu.str()},
            {"from", to_hex(key.base)},
            {"to", to_hex(key.image)},
            {"window_bytes", key.window_bytes},
            {"image_size_bytes", target.size_bytes},
            {"state", state}};
}

json::Object view_of(const campaign::Target& target, const DeltaRow& row) {
    json::Object view = frame_of(target, row.key, to_string(row.state));
    if (row.state == DeltaState::failed) {
        view["code"] = row.code;
        view["detail"] = row.detail;
        return view;
    }
    view["size_bytes"] = row.size_bytes;
    view["saving_percent"] = saving_percent(row);
    view["made_in_ms"] = row.made_in_ms;
    if (row.state == DeltaState::made) view["sha256"] = to_hex(row.payload);
    return view;
}

}  // namespace

Result<json::Array> Deliveries::list(std::span<const campaign::Target> targets) {
    json::Array views;
    for (const campaign::Target& target : targets) {
        TRY(const auto rows, deltas_.making(target.sha256));
        for (const DeltaRow& row : rows) views.push_back(view_of(target, row));
        for (const auto& [keys, state] : {std::pair{&running_, "being-made"}, {&queued_, "waiting"}})
            for (const DeltaKey& key : *keys)
                if (key.image == target.sha256 && key.window_bytes != 0) views.push_back(frame_of(target, key, state));
    }
    return views;
}

Result<json::Object> Deliveries::totals(std::span<const campaign::Target> targets) {
    std::uint64_t made = 0, not_worth_it = 0, failed = 0, being_made = 0, refused = 0, milliseconds = 0;
    std::set<Sha256Digest> seen;
    for (const campaign::Target& target : targets) {
        if (!seen.insert(target.sha256).second) continue;  // several ECUs may run the same image
        TRY(const auto rows, deltas_.making(target.sha256));
        for (const DeltaRow& row : rows) {
            ++(row.state == DeltaState::made ? made : row.state == DeltaState::failed ? failed : not_worth_it);
            milliseconds += row.made_in_ms;
        }
        for (const auto* keys : {&running_, &queued_})
            being_made += static_cast<std::uint64_t>(std::ranges::count(*keys, target.sha256, &DeltaKey::image));
        TRY(const auto refusals, deltas_.refusals_of(target.sha256));
        refused += refusals;
    }
    return json::Object{{"made", made},     {"being_made", being_made}, {"not_worth_it", not_worth_it},
                        {"failed", failed}, {"refused", refused},       {"made_in_ms", milliseconds}};
}

// Something that was made here: an opened image, or a delta.
Result<bool> Deliveries::makes_one_of(const Sha256Digest& payload, std::span<const campaign::Target> targets) {
    for (const campaign::Target& target : targets) {
        if (target.sha256 == payload) return true;
        TRY(const auto rows, deltas_.making(target.sha256));
        const bool is_its_delta = std::ranges::any_of(
            rows, [&](const DeltaRow& row) { return row.state == DeltaState::made && row.payload == payload; });
        if (is_its_delta) return true;
    }
    return false;
}

Result<Deliveries::Place> Deliveries::place_of(const Sha256Digest& payload, std::span<const campaign::Target> targets) {
    const StoredRecord* record = images_.with_payload(payload);
    if (record && std::ranges::contains(targets, record->image, &campaign::Target::sha256)) {
        TRY(const auto package, packages_.find(record->package));
        if (package) return Place{package->path, record->offset_bytes, record->size_bytes};
    }
    TRY(const bool is_ours, makes_one_of(payload, targets));
    if (!is_ours) return fail(faults::unknown_payload, to_hex(payload));
    TRY(const auto blob, payloads_.find(payload));
    if (!blob) return fail(faults::unknown_payload, to_hex(payload));
    return Place{blob->path, 0, blob->size_bytes};
}

}  // namespace pitstop::server
