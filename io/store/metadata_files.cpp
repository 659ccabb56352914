#include "io/store/columns.h"
#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>

namespace pitstop::io::store {
namespace {

std::string column_of(Repository repository) { return repository == Repository::image ? "image" : "director"; }

Result<std::optional<MetadataRow>> first_row(soci::details::prepare_temp_type prepared, Repository repository) {
    MetadataRow row;
    row.repository = repository;
    long long version = 0;
    soci::statement statement(
        (prepared, soci::into(row.vin), soci::into(row.role), soci::into(version), soci::into(row.bytes)));
    if (!statement.execute(true)) return std::nullopt;
    row.version = static_cast<std::uint64_t>(version);
    return row;
}

}  // namespace

Result<void> MetadataFiles::put(const MetadataRow& row) {
    return guard("store a metadata file", [&]() -> Result<void> {
        const std::string repository = column_of(row.repository);
        const auto version = static_cast<long long>(row.version);
        database_.sql() << "INSERT INTO metadata_files (repository, vin, role, version, bytes)"
                           " VALUES (:repository, :vin, :role, :version, :bytes)"
                           " ON CONFLICT (repository, vin, role, version) DO UPDATE SET bytes = excluded.bytes",
            soci::use(repository), soci::use(row.vin), soci::use(row.role), soci::use(version), soci::use(row.bytes);
        return {};
    });
}

Result<std::optional<MetadataRow>> MetadataFiles::find(Repository repository, std::string_view vin,
                                                       std::string_view role, std::uint64_t version) {
    return guard("find a metadata file", [&] {
        const std::string in = column_of(repository), of(vin), named(role);
        const auto number = static_cast<long long>(version);
        return first_row((database_.sql().prepare
                              << "SELECT vin, role, version, bytes FROM metadata_files WHERE repository = :repository"
                                 " AND vin = :vin AND role = :role AND version = :version",
                          soci::use(in), soci::use(of), soci::use(named), soci::use(number)),
                         repository);
    });
}

Result<std::optional<MetadataRow>> MetadataFiles::newest(Repository repository, std::string_view vin,
                                                         std::string_view role) {
    return guard("find the newest metadata file", [&] {
        const std::string in = column_of(repository), of(vin), named(role);
        return first_row((database_.sql().prepare
                              << "SELECT vin, role, version, bytes FROM metadata_files WHERE repository = :repository"
                                 " AND vin = :vin AND role = :role ORDER BY version DESC LIMIT 1",
                          soci::use(in), soci::use(of), soci::use(named)),
                         repository);
    });
}

Result<void> MetadataFiles::forget_all(Repository repository, std::string_view vin, std::string_view role) {
    return guard("forget metadata files", [&]() -> Result<void> {
        const std::string in = column_of(repository), of(vin), named(role);
        database_.sql() << "DELETE FROM metadata_files WHERE repository = :repository AND vin = :vin AND role = :role",
            soci::use(in), soci::use(of), soci::use(named);
        return {};
    });
}

}  // namespace pitstop::io::store
