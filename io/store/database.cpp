#include "io/store/database.h"

#include "io/store/faults.h"
#include "io/store/guard.h"
#include "io/store/migrations.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <format>
#include <string>

namespace pitstop::io::store {
namespace {

constexpr std::uint64_t page_bytes = 4096;

Result<void> set_up(soci::session& sql, const DatabaseSettings& settings) {
    return guard(settings.file.string(), [&]() -> Result<void> {
        sql << "PRAGMA locking_mode = EXCLUSIVE";
        std::string mode;
        sql << "PRAGMA journal_mode = WAL", soci::into(mode);
        if (mode != "wal") return fail(faults::unavailable, std::format("{}: WAL is refused", settings.file.string()));
        sql << "PRAGMA synchronous = FULL";
        sql << "PRAGMA foreign_keys = ON";
        long long pages = 0;
        sql << std::format("PRAGMA max_page_count = {}", settings.size_bytes_max / page_bytes), soci::into(pages);
        // The exclusive lock is taken at the first write: take it now, when somebody is there to read the fault.
        sql << "BEGIN IMMEDIATE";
        sql << "COMMIT";
        return {};
    });
}

}  // namespace

Database::Database(std::unique_ptr<soci::session> sql) : sql_(std::move(sql)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const DatabaseSettings& settings) {
    if (settings.file.string().find('"') != std::string::npos)
        return fail(faults::unavailable, "the path of a database cannot contain quotation marks");
    auto opened = guard(settings.file.string(), [&]() -> Result<std::unique_ptr<soci::session>> {
        return std::make_unique<soci::session>(soci::sqlite3,
                                               std::format("db=\"{}\" timeout=1", settings.file.string()));
    });
    if (!opened) return fail(faults::unavailable, opened.error().detail());
    ENSURE(set_up(**opened, settings));
    ENSURE(migrate(**opened));
    return std::unique_ptr<Database>(new Database(*std::move(opened)));
}

Result<void> Database::transaction(const std::function<Result<void>()>& work) {
    return guard("transaction", [&]() -> Result<void> {
        soci::transaction one(*sql_);  // rolls back unless committed
        ENSURE(work());
        one.commit();
        return {};
    });
}

}  // namespace pitstop::io::store
