#include "io/store/diagnostics.h"

#include "io/store/columns.h"
#include "io/store/guard.h"

#include <soci/soci.h>

#include <limits>

namespace pitstop::io::store {
namespace {

constexpr std::string_view columns =
    "SELECT vin, id, sequence, created, expires, author, state, wish, signed_order, cancel, code, detail, summary, "
    "ended"
    " FROM diagnostic_jobs ";

struct Columns {
    std::string vin;
    DiagnosticJobRow row{.vin = *Vin::parse("UNKNOWN")};
    long long sequence = 0, created = 0, expires = 0, ended = 0;

    [[nodiscard]] Result<DiagnosticJobRow> take() const {
        DiagnosticJobRow taken = row;
        TRY(taken.vin, id_of<Vin>(vin, "diagnostic_jobs"));
        taken.sequence = static_cast<std::uint64_t>(sequence);
        taken.created = UtcTime{created};
        taken.expires = UtcTime{expires};
        taken.ended = time_of(ended);
        return taken;
    }
};

Result<std::vector<DiagnosticJobRow>> rows_of(soci::details::prepare_temp_type prepared) {
    Columns at;
    DiagnosticJobRow& row = at.row;
    std::vector<DiagnosticJobRow> rows;
    soci::statement statement((prepared, soci::into(at.vin), soci::into(row.id), soci::into(at.sequence),
                               soci::into(at.created), soci::into(at.expires), soci::into(row.author),
                               soci::into(row.state), soci::into(row.wish), soci::into(row.order),
                               soci::into(row.cancel), soci::into(row.code), soci::into(row.detail),
                               soci::into(row.summary), soci::into(at.ended)));
    statement.execute();
    while (statement.fetch()) {
        TRY(auto taken, at.take());
        rows.push_back(std::move(taken));
    }
    return rows;
}

long long as_column(std::uint64_t number) {
    return static_cast<long long>(std::min<std::uint64_t>(number, std::numeric_limits<long long>::max()));
}

}  // namespace

Result<void> Diagnostics::put(const DiagnosticJobRow& row) {
    return guard("store a diagnostic job", [&]() -> Result<void> {
        const std::string vin = row.vin.str();
        const long long sequence = as_column(row.sequence), created = row.created.seconds,
                        expires = row.expires.seconds, ended = column_of(row.ended);
        database_.sql() << "INSERT INTO diagnostic_jobs (vin, id, sequence, created, expires, author, state, wish,"
                           " signed_order, cancel, code, detail, summary, ended) VALUES (:vin, :id, :sequence,"
                           " :created, :expires, :author, :state, :wish, :order, :cancel, :code, :detail, :summary,"
                           " :ended) ON CONFLICT (id) DO UPDATE SET state = excluded.state, cancel = excluded.cancel,"
                           " code = excluded.code, detail = excluded.detail, summary = excluded.summary,"
                           " ended = excluded.ended",
            soci::use(vin), soci::use(row.id), soci::use(sequence), soci::use(created), soci::use(expires),
            soci::use(row.author), soci::use(row.state), soci::use(row.wish), soci::use(row.order),
            soci::use(row.cancel), soci::use(row.code), soci::use(row.detail), soci::use(row.summary), soci::use(ended);
        const long long kept = jobs_kept_per_vehicle;
        constexpr std::string_view old_ones =
            "(SELECT id FROM diagnostic_jobs WHERE vin = :vin AND ended <> 0 AND sequence <= (SELECT sequence FROM"
            " diagnostic_jobs WHERE vin = :same ORDER BY sequence DESC LIMIT 1 OFFSET :kept))";
        database_.sql() << "DELETE FROM diagnostic_results WHERE id IN " << old_ones, soci::use(vin), soci::use(vin),
            soci::use(kept);
        database_.sql() << "DELETE FROM diagnostic_jobs WHERE id IN " << old_ones, soci::use(vin), soci::use(vin),
            soci::use(kept);
        return {};
    });
}

Result<std::optional<DiagnosticJobRow>> Diagnostics::find(std::string_view wanted) {
    return guard("find a diagnostic job", [&]() -> Result<std::optional<DiagnosticJobRow>> {
        const std::string id(wanted);
        TRY(auto rows, rows_of((database_.sql().prepare << columns << "WHERE id = :id", soci::use(id))));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

Result<std::vector<DiagnosticJobRow>> Diagnostics::of_vehicle(const Vin& of, std::uint64_t below_sequence,
                                                              std::size_t limit) {
    return guard("list diagnostic jobs", [&] {
        const std::string vin = of.str();
        const long long below = as_column(below_sequence), most = as_column(limit);
        return rows_of((database_.sql().prepare << columns
                                                << "WHERE vin = :vin AND sequence < :below ORDER BY sequence DESC"
                                                   " LIMIT :most",
                        soci::use(vin), soci::use(below), soci::use(most)));
    });
}

Result<std::vector<DiagnosticJobRow>> Diagnostics::open_of(const Vin& of) {
    return guard("list open diagnostic jobs", [&] {
        const std::string vin = of.str();
        return rows_of(
            (database_.sql().prepare << columns << "WHERE vin = :vin AND ended = 0 ORDER BY sequence", soci::use(vin)));
    });
}

Result<std::vector<Vin>> Diagnostics::vehicles_with_open() {
    return guard("list vehicles with diagnostic jobs", [&]() -> Result<std::vector<Vin>> {
        std::string column;
        std::vector<Vin> vins;
        soci::statement statement(
            (database_.sql().prepare << "SELECT DISTINCT vin FROM diagnostic_jobs WHERE ended = 0 ORDER BY vin",
             soci::into(column)));
        statement.execute();
        while (statement.fetch()) {
            TRY(const Vin vin, id_of<Vin>(column, "diagnostic_jobs"));
            vins.push_back(vin);
        }
        return vins;
    });
}

Result<std::uint64_t> Diagnostics::last_sequence(const Vin& of) {
    return guard("find the last diagnostic job", [&]() -> Result<std::uint64_t> {
        const std::string vin = of.str();
        long long last = 0;
        database_.sql() << "SELECT COALESCE(MAX(sequence), 0) FROM diagnostic_jobs WHERE vin = :vin", soci::into(last),
            soci::use(vin);
        return static_cast<std::uint64_t>(last);
    });
}

Result<void> Diagnostics::add_result(std::string_view of, std::uint32_t step, EcuId ecu, const std::string& result) {
    return guard("store a diagnostic answer", [&]() -> Result<void> {
        const std::string id(of), name = ecu.str();
        const long long number = step;
        database_.sql() << "INSERT OR IGNORE INTO diagnostic_results (id, step, ecu, result) VALUES (:id, :step, :ecu,"
                           " :result)",
            soci::use(id), soci::use(number), soci::use(name), soci::use(result);
        return {};
    });
}

Result<std::vector<std::string>> Diagnostics::results_of(std::string_view of) {
    return guard("list diagnostic answers", [&]() -> Result<std::vector<std::string>> {
        const std::string id(of);
        std::string result;
        std::vector<std::string> results;
        soci::statement statement(
            (database_.sql().prepare << "SELECT result FROM diagnostic_results WHERE id = :id ORDER BY step, ecu",
             soci::into(result), soci::use(id)));
        statement.execute();
        while (statement.fetch()) results.push_back(result);
        return results;
    });
}

}  // namespace pitstop::io::store
