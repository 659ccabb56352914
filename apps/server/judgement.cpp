#include "apps/server/judgement.h"

#include "apps/server/manifest_view.h"
#include "core/vehicle/inventory.h"

#include <boost/json/serialize.hpp>

namespace pitstop::server {
namespace {

constexpr std::size_t stored_bytes_max = std::size_t{2} << 20;  // 404 keys as PEM, the largest text that we store

template <class Read>
auto read_stored(const std::string& text, Read read) -> std::remove_cvref_t<decltype(read(json::Object{}))> {
    TRY(const auto value, json::parse(view_of(text), stored_bytes_max));
    TRY(const auto* object, json::as_object(value, "a stored text"));
    return read(*object);
}

}  // namespace

Result<uptane::RegisteredKeys> keys_of(const StoredVehicle& stored) {
    if (stored.keys.empty()) return uptane::RegisteredKeys{};
    return read_stored(stored.keys, uptane::registered_keys_from_json);
}

Result<uptane::ReportHistory> history_of(const StoredVehicle& stored) {
    if (stored.history.empty()) return uptane::ReportHistory{};
    return read_stored(stored.history, uptane::report_history_from_json);
}

Result<Judgement> judge(const StoredVehicle& stored, View file, UtcTime now) {
    TRY(auto keys, keys_of(stored));
    TRY(auto history, history_of(stored));
    uptane::KnownVehicle known{stored.vin, std::move(keys), std::move(history), {}};
    std::optional<vehicle::Inventory> inventory;
    if (!stored.inventory.empty()) {
        TRY(inventory, read_stored(stored.inventory, vehicle::inventory_from_json));
        for (const auto& ecu : inventory->ecus) known.hardware.emplace(ecu.ecu, ecu.hardware);
    }
    Judgement judgement{stored.vin, stored.history, uptane::judge_manifest({file}, known, now)};
    if (judgement.judged && judgement.judged->verdict == uptane::Verdict::accepted) {
        judgement.history = boost::json::serialize(to_json(judgement.judged->after));
        judgement.content = boost::json::serialize(content_of(*judgement.judged, inventory));
    }
    return judgement;
}

}  // namespace pitstop::server
