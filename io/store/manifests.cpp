#include "io/store/manifests.h"

#include "io/store/columns.h"
#include "io/store/guard.h"

#include <soci/soci.h>

namespace pitstop::io::store {

Result<void> Manifests::put_keys(const VehicleKeysRow& row) {
    return guard("store a vehicle's keys", [&]() -> Result<void> {
        const std::string vin = row.vin.str();
        const auto updated = column_of(row.updated);
        database_.sql() << "INSERT INTO vehicle_keys (vin, updated, keys) VALUES (:vin, :updated, :keys)"
                           " ON CONFLICT (vin) DO UPDATE SET updated = excluded.updated, keys = excluded.keys",
            soci::use(vin), soci::use(updated), soci::use(row.keys);
        return {};
    });
}

Result<std::optional<VehicleKeysRow>> Manifests::find_keys(const Vin& vin) {
    return guard("find a vehicle's keys", [&]() -> Result<std::optional<VehicleKeysRow>> {
        const std::string key = vin.str();
        VehicleKeysRow row{.vin = vin, .updated = {}};
        long long updated = 0;
        soci::statement statement((database_.sql().prepare << "SELECT updated, keys FROM vehicle_keys WHERE vin = :vin",
                                   soci::into(updated), soci::into(row.keys), soci::use(key)));
        if (!statement.execute(true)) return std::nullopt;
        row.updated = UtcTime{updated};
        return row;
    });
}

Result<void> Manifests::put(const ManifestRow& row) {
    return guard("store a manifest", [&]() -> Result<void> {
        const std::string vin = row.vin.str();
        const auto received = column_of(row.received), refused = column_of(row.refused);
        const auto refusals = static_cast<long long>(row.refusals);
        database_.sql() << "INSERT INTO manifests (vin, received, history, content, refusals, refused, code, detail)"
                           " VALUES (:vin, :received, :history, :content, :refusals, :refused, :code, :detail)"
                           " ON CONFLICT (vin) DO UPDATE SET received = excluded.received, history = excluded.history,"
                           " content = excluded.content, refusals = excluded.refusals, refused = excluded.refused,"
                           " code = excluded.code, detail = excluded.detail",
            soci::use(vin), soci::use(received), soci::use(row.history), soci::use(row.content), soci::use(refusals),
            soci::use(refused), soci::use(row.code), soci::use(row.detail);
        return {};
    });
}

Result<std::optional<ManifestRow>> Manifests::find(const Vin& vin) {
    return guard("find a manifest", [&]() -> Result<std::optional<ManifestRow>> {
        const std::string key = vin.str();
        ManifestRow row{.vin = vin};
        long long received = 0, refusals = 0, refused = 0;
        soci::statement statement((database_.sql().prepare << "SELECT received, history, content, refusals, refused,"
                                                              " code, detail FROM manifests WHERE vin = :vin",
                                   soci::into(received), soci::into(row.history), soci::into(row.content),
                                   soci::into(refusals), soci::into(refused), soci::into(row.code),
                                   soci::into(row.detail), soci::use(key)));
        if (!statement.execute(true)) return std::nullopt;
        row.received = time_of(received);
        row.refusals = static_cast<std::uint64_t>(refusals);
        row.refused = time_of(refused);
        return row;
    });
}

Result<void> Manifests::add_attack(const AttackRow& row) {
    return guard("store an attack report", [&]() -> Result<void> {
        const auto at = column_of(row.at), attacks = static_cast<long long>(row.attacks);
        database_.sql()
            << "INSERT INTO attack_reports (at, vin, ecu, code, attacks) VALUES (:at, :vin, :ecu, :code, :attacks)",
            soci::use(at), soci::use(row.vin), soci::use(row.ecu), soci::use(row.code), soci::use(attacks);
        const long long kept = attacks_kept_per_vehicle;
        database_.sql() << "DELETE FROM attack_reports WHERE vin = :vin AND id <= (SELECT id FROM attack_reports"
                           " WHERE vin = :same ORDER BY id DESC LIMIT 1 OFFSET :kept)",
            soci::use(row.vin), soci::use(row.vin), soci::use(kept);
        return {};
    });
}

Result<std::vector<AttackRow>> Manifests::attacks_of(const Vin& vin, std::size_t limit) {
    return guard("list attack reports", [&]() -> Result<std::vector<AttackRow>> {
        const std::string key = vin.str();
        const auto count = static_cast<long long>(limit);
        AttackRow row{.vin = key};
        long long id = 0, at = 0, attacks = 0;
        std::vector<AttackRow> rows;
        soci::statement statement((database_.sql().prepare << "SELECT id, at, ecu, code, attacks FROM attack_reports"
                                                              " WHERE vin = :vin ORDER BY id DESC LIMIT :limit",
                                   soci::into(id), soci::into(at), soci::into(row.ecu), soci::into(row.code),
                                   soci::into(attacks), soci::use(key), soci::use(count)));
        statement.execute();
        while (statement.fetch()) {
            row.id = static_cast<std::uint64_t>(id);
            row.at = UtcTime{at};
            row.attacks = static_cast<std::uint64_t>(attacks);
            rows.push_back(row);
        }
        return rows;
    });
}

}  // namespace pitstop::io::store
