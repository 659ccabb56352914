#include "io/store/columns.h"
#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>

namespace pitstop::io::store {
namespace {

Result<std::vector<ApiKeyRow>> rows_of(soci::details::prepare_temp_type prepared) {
    std::string digest;
    ApiKeyRow at;
    std::vector<ApiKeyRow> rows;
    soci::statement statement((prepared, soci::into(digest), soci::into(at.role), soci::into(at.name)));
    statement.execute();
    while (statement.fetch()) {
        const auto parsed = sha256_from_hex(digest);
        if (!parsed) return fail(faults::bad_row, std::format("api_keys: {}: its digest", at.name));
        at.digest = *parsed;
        rows.push_back(at);
    }
    return rows;
}

}  // namespace

Result<void> ApiKeys::put(const ApiKeyRow& row) {
    return guard("store an API key", [&]() -> Result<void> {
        const std::string digest = to_hex(row.digest);
        database_.sql() << "INSERT INTO api_keys (sha256, role, name) VALUES (:sha256, :role, :name)"
                           " ON CONFLICT (sha256) DO UPDATE SET role = excluded.role, name = excluded.name",
            soci::use(digest), soci::use(row.role), soci::use(row.name);
        return {};
    });
}

Result<std::optional<ApiKeyRow>> ApiKeys::find(const Sha256Digest& digest) {
    return guard("find an API key", [&]() -> Result<std::optional<ApiKeyRow>> {
        const std::string key = to_hex(digest);
        TRY(auto rows,
            rows_of((database_.sql().prepare << "SELECT sha256, role, name FROM api_keys WHERE sha256 = :sha256",
                     soci::use(key))));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

Result<std::vector<ApiKeyRow>> ApiKeys::list() {
    return guard("list API keys", [&] {
        return rows_of((database_.sql().prepare << "SELECT sha256, role, name FROM api_keys ORDER BY name"));
    });
}

}  // namespace pitstop::io::store
