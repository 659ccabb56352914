#include "io/store/deltas.h"

#include "io/store/columns.h"
#include "io/store/guard.h"

#include <soci/soci.h>
#include <array>

namespace pitstop::io::store {
namespace {

constexpr std::string_view columns =
    "SELECT base, image, window_bytes, sector_bytes, state, payload, size_bytes, image_size_bytes, made_in_ms, code,"
    " detail, made, used FROM deltas ";
constexpr std::array<std::string_view, 3> state_names = {"made", "not-worth-it", "failed"};

Result<Sha256Digest> digest_of(const std::string& column) {
    auto digest = sha256_from_hex(column);
    if (!digest) return fail(faults::bad_row, "deltas: a digest");
    return *digest;
}

Result<DeltaState> state_of(const std::string& column) {
    for (std::size_t i = 0; i < state_names.size(); ++i)
        if (state_names[i] == column) return static_cast<DeltaState>(i);
    return fail(faults::bad_row, "deltas: a state");
}

struct Columns {
    std::string base, image, state, payload, code, detail;
    long long window = 0, sector = 0, size = 0, image_size = 0, made_in = 0, made = 0, used = 0;

    [[nodiscard]] Result<DeltaRow> row() const {
        DeltaRow row;
        TRY(row.key.base, digest_of(base));
        TRY(row.key.image, digest_of(image));
        row.key.window_bytes = static_cast<std::uint32_t>(window);
        row.key.sector_bytes = static_cast<std::uint32_t>(sector);
        TRY(row.state, state_of(state));
        TRY(row.payload, digest_of(payload));
        row.size_bytes = static_cast<std::uint64_t>(size);
        row.image_size_bytes = static_cast<std::uint64_t>(image_size);
        row.made_in_ms = static_cast<std::uint64_t>(made_in);
        row.code = code;
        row.detail = detail;
        row.made = UtcTime{made};
        row.used = UtcTime{used};
        return row;
    }
};

Result<std::vector<DeltaRow>> rows_of(soci::details::prepare_temp_type prepared) {
    Columns at;
    std::vector<DeltaRow> rows;
    soci::statement statement((prepared, soci::into(at.base), soci::into(at.image), soci::into(at.window),
                               soci::into(at.sector), soci::into(at.state), soci::into(at.payload), soci::into(at.size),
                               soci::into(at.image_size), soci::into(at.made_in), soci::into(at.code),
                               soci::into(at.detail), soci::into(at.made), soci::into(at.used)));
    statement.execute();
    while (statement.fetch()) {
        TRY(auto row, at.row());
        rows.push_back(std::move(row));
    }
    return rows;
}

// As columns.
struct Key {
    explicit Key(const DeltaKey& key)
        : base(to_hex(key.base)),
          image(to_hex(key.image)),
          window(key.window_bytes),
          sector(key.sector_bytes) {}
    std::string base, image;
    long long window, sector;
};

constexpr std::string_view of_key =
    "WHERE base = :base AND image = :image AND window_bytes = :window AND sector_bytes = :sector";

}  // namespace

Result<void> Deltas::put(const DeltaRow& row) {
    return guard("store a delta", [&]() -> Result<void> {
        const Key key(row.key);
        const std::string state(state_names[static_cast<std::size_t>(row.state)]), payload = to_hex(row.payload);
        const auto size = static_cast<long long>(row.size_bytes);
        const auto image_size = static_cast<long long>(row.image_size_bytes);
        const auto made_in = static_cast<long long>(row.made_in_ms);
        const long long made = row.made.seconds, used = row.used.seconds;
        database_.sql() << "INSERT OR REPLACE INTO deltas (base, image, window_bytes, sector_bytes, state, payload,"
                           " size_bytes, image_size_bytes, made_in_ms, code, detail, made, used) VALUES (:base, :image,"
                           " :window, :sector, :state, :payload, :size, :image_size, :made_in, :code, :detail, :made,"
                           " :used)",
            soci::use(key.base), soci::use(key.image), soci::use(key.window), soci::use(key.sector), soci::use(state),
            soci::use(payload), soci::use(size), soci::use(image_size), soci::use(made_in), soci::use(row.code),
            soci::use(row.detail), soci::use(made), soci::use(used);
        return {};
    });
}

Result<std::optional<DeltaRow>> Deltas::find(const DeltaKey& wanted) {
    return guard("find a delta", [&]() -> Result<std::optional<DeltaRow>> {
        const Key key(wanted);
        TRY(auto rows, rows_of((database_.sql().prepare << columns << of_key, soci::use(key.base), soci::use(key.image),
                                soci::use(key.window), soci::use(key.sector))));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

Result<std::vector<DeltaRow>> Deltas::making(const Sha256Digest& wanted) {
    return guard("list deltas", [&] {
        const std::string image = to_hex(wanted);
        return rows_of((database_.sql().prepare << columns << "WHERE image = :image ORDER BY base, window_bytes",
                        soci::use(image)));
    });
}

Result<std::vector<DeltaRow>> Deltas::least_used() {
    return guard("list deltas", [&] {
        return rows_of((database_.sql().prepare << columns << "WHERE state = 'made' ORDER BY used, base"));
    });
}

Result<void> Deltas::note_use(const DeltaKey& wanted, UtcTime now) {
    return guard("note the use of a delta", [&]() -> Result<void> {
        const Key key(wanted);
        const long long used = now.seconds;
        database_.sql() << "UPDATE deltas SET used = :used " << of_key, soci::use(used), soci::use(key.base),
            soci::use(key.image), soci::use(key.window), soci::use(key.sector);
        return {};
    });
}

Result<void> Deltas::forget(const DeltaKey& wanted) {
    return guard("forget a delta", [&]() -> Result<void> {
        const Key key(wanted);
        database_.sql() << "DELETE FROM deltas " << of_key, soci::use(key.base), soci::use(key.image),
            soci::use(key.window), soci::use(key.sector);
        return {};
    });
}

Result<void> Deltas::put_refused(const RefusedDeliveryRow& row) {
    return guard("note a refused delivery", [&]() -> Result<void> {
        const std::string vin = row.vin.str(), ecu = row.ecu.str(), image = to_hex(row.image);
        const long long at = row.at.seconds;
        database_.sql() << "INSERT OR REPLACE INTO refused_deliveries (vin, ecu, image, at, code, detail)"
                           " VALUES (:vin, :ecu, :image, :at, :code, :detail)",
            soci::use(vin), soci::use(ecu), soci::use(image), soci::use(at), soci::use(row.code), soci::use(row.detail);
        return {};
    });
}

Result<bool> Deltas::was_refused(const Vin& of, EcuId by, const Sha256Digest& wanted) {
    return guard("look for a refused delivery", [&]() -> Result<bool> {
        const std::string vin = of.str(), ecu = by.str(), image = to_hex(wanted);
        long long found = 0;
        database_.sql() << "SELECT COUNT(*) FROM refused_deliveries WHERE vin = :vin AND ecu = :ecu AND image = :image",
            soci::into(found), soci::use(vin), soci::use(ecu), soci::use(image);
        return found > 0;
    });
}

Result<std::uint64_t> Deltas::refusals_of(const Sha256Digest& wanted) {
    return guard("count refused deliveries", [&]() -> Result<std::uint64_t> {
        const std::string image = to_hex(wanted);
        long long found = 0;
        database_.sql() << "SELECT COUNT(*) FROM refused_deliveries WHERE image = :image", soci::into(found),
            soci::use(image);
        return static_cast<std::uint64_t>(found);
    });
}

}  // namespace pitstop::io::store
