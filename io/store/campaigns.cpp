#include "io/store/columns.h"
#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>

namespace pitstop::io::store {
namespace {

constexpr std::string_view columns =
    "SELECT id, created, campaign, package_sha256, package_size_bytes, package_metadata FROM campaigns ";

struct Columns {
    std::string id, campaign, package_sha256, package_metadata;
    long long created = 0, package_size_bytes = 0;

    [[nodiscard]] Result<CampaignRow> row() const {
        TRY(const CampaignId parsed, id_of<CampaignId>(id, "campaigns"));
        CampaignRow row{parsed, UtcTime{created}, campaign, std::nullopt, package_metadata};
        if (package_sha256.empty()) return row;
        const auto digest = sha256_from_hex(package_sha256);
        if (!digest) return fail(faults::bad_row, std::format("campaigns: {}: its package's digest", id));
        row.package = StoredPackage{*digest, static_cast<std::uint64_t>(package_size_bytes)};
        return row;
    }
};

Result<std::vector<CampaignRow>> rows_of(soci::details::prepare_temp_type prepared) {
    Columns at;
    std::vector<CampaignRow> rows;
    soci::statement statement((prepared, soci::into(at.id), soci::into(at.created), soci::into(at.campaign),
                               soci::into(at.package_sha256), soci::into(at.package_size_bytes),
                               soci::into(at.package_metadata)));
    statement.execute();
    while (statement.fetch()) {
        TRY(auto row, at.row());
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

Result<void> Campaigns::add(const CampaignRow& row) {
    return guard("add a campaign", [&]() -> Result<void> {
        const std::string id = row.id.str();
        const std::string digest = row.package ? to_hex(row.package->digest) : "";
        const auto created = static_cast<long long>(row.created.seconds);
        const auto size = static_cast<long long>(row.package ? row.package->size_bytes : 0);
        database_.sql()
            << "INSERT INTO campaigns (id, created, campaign, package_sha256, package_size_bytes, package_metadata)"
               " VALUES (:id, :created, :campaign, :sha256, :size, :metadata)",
            soci::use(id), soci::use(created), soci::use(row.campaign), soci::use(digest), soci::use(size),
            soci::use(row.package_metadata);
        return {};
    });
}

Result<void> Campaigns::set_package(const CampaignId& id, const StoredPackage& package) {
    return guard("note a campaign's package", [&]() -> Result<void> {
        const std::string key = id.str();
        const std::string digest = to_hex(package.digest);
        const auto size = static_cast<long long>(package.size_bytes);
        database_.sql() << "UPDATE campaigns SET package_sha256 = :sha256, package_size_bytes = :size WHERE id = :id",
            soci::use(digest), soci::use(size), soci::use(key);
        return {};
    });
}

Result<std::optional<CampaignRow>> Campaigns::find(const CampaignId& id) {
    return guard("find a campaign", [&]() -> Result<std::optional<CampaignRow>> {
        const std::string key = id.str();
        TRY(auto rows, rows_of((database_.sql().prepare << columns << "WHERE id = :id", soci::use(key))));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

Result<std::vector<CampaignRow>> Campaigns::list(std::string_view after_id, std::size_t limit) {
    return guard("list campaigns", [&] {
        const std::string after(after_id);
        const auto count = static_cast<long long>(limit);
        return rows_of((database_.sql().prepare << columns << "WHERE id > :after ORDER BY id LIMIT :limit",
                        soci::use(after), soci::use(count)));
    });
}

}  // namespace pitstop::io::store
