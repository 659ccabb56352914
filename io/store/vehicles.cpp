#include "io/store/columns.h"
#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>

namespace pitstop::io::store {
namespace {

constexpr std::string_view columns =
    "SELECT vin, first_seen, last_seen, boot_id, boot_seq, inventory, inventory_at, channels FROM vehicles ";

struct Columns {
    std::string vin, boot_id, inventory, channels;
    long long first_seen = 0, last_seen = 0, boot_seq = 0, inventory_at = 0;

    [[nodiscard]] Result<VehicleRow> row() const {
        TRY(const Vin id, id_of<Vin>(vin, "vehicles"));
        return VehicleRow{id,
                          time_of(first_seen),
                          time_of(last_seen),
                          boot_id,
                          static_cast<std::uint64_t>(boot_seq),
                          inventory,
                          time_of(inventory_at),
                          channels};
    }
};

Result<std::vector<VehicleRow>> rows_of(soci::details::prepare_temp_type prepared) {
    Columns at;
    std::vector<VehicleRow> rows;
    soci::statement statement((prepared, soci::into(at.vin), soci::into(at.first_seen), soci::into(at.last_seen),
                               soci::into(at.boot_id), soci::into(at.boot_seq), soci::into(at.inventory),
                               soci::into(at.inventory_at), soci::into(at.channels)));
    statement.execute();
    while (statement.fetch()) {
        TRY(auto row, at.row());
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

Result<void> Vehicles::put(const VehicleRow& row) {
    return guard("store a vehicle", [&]() -> Result<void> {
        const std::string vin = row.vin.str();
        const auto first_seen = column_of(row.first_seen), last_seen = column_of(row.last_seen);
        const auto boot_seq = static_cast<long long>(row.boot_seq), inventory_at = column_of(row.inventory_at);
        database_.sql()
            << "INSERT INTO vehicles (vin, first_seen, last_seen, boot_id, boot_seq, inventory, inventory_at, channels)"
               " VALUES (:vin, :first, :last, :boot_id, :boot_seq, :inventory, :inventory_at, :channels)"
               " ON CONFLICT (vin) DO UPDATE SET first_seen = excluded.first_seen, last_seen = excluded.last_seen,"
               " boot_id = excluded.boot_id, boot_seq = excluded.boot_seq, inventory = excluded.inventory,"
               " inventory_at = excluded.inventory_at, channels = excluded.channels",
            soci::use(vin), soci::use(first_seen), soci::use(last_seen), soci::use(row.boot_id), soci::use(boot_seq),
            soci::use(row.inventory), soci::use(inventory_at), soci::use(row.channels);
        return {};
    });
}

Result<std::optional<VehicleRow>> Vehicles::find(const Vin& vin) {
    return guard("find a vehicle", [&]() -> Result<std::optional<VehicleRow>> {
        const std::string key = vin.str();
        TRY(auto rows, rows_of((database_.sql().prepare << columns << "WHERE vin = :vin", soci::use(key))));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

Result<std::vector<VehicleRow>> Vehicles::list(std::string_view after_vin, std::size_t limit) {
    return guard("list vehicles", [&] {
        const std::string after(after_vin);
        const auto count = static_cast<long long>(limit);
        return rows_of((database_.sql().prepare << columns << "WHERE vin > :after ORDER BY vin LIMIT :limit",
                        soci::use(after), soci::use(count)));
    });
}

}  // namespace pitstop::io::store
