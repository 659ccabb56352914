#include "io/store/columns.h"
#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>
#include <algorithm>

namespace pitstop::io::store {
namespace {

constexpr int no_percent = -1;

}  // namespace

Result<void> Events::add(const EventRow& row) {
    return guard("add an event", [&]() -> Result<void> {
        const auto at = static_cast<long long>(row.at.seconds);
        const int percent = row.percent ? *row.percent : no_percent;
        database_.sql() << "INSERT INTO events (at, vin, campaign, phase, ecu, percent, code, detail)"
                           " VALUES (:at, :vin, :campaign, :phase, :ecu, :percent, :code, :detail)",
            soci::use(at), soci::use(row.vin), soci::use(row.campaign), soci::use(row.phase), soci::use(row.ecu),
            soci::use(percent), soci::use(row.code), soci::use(row.detail);
        return {};
    });
}

Result<std::vector<EventRow>> Events::of_assignment(const Vin& vin, const CampaignId& campaign, std::size_t limit) {
    return guard("list an assignment's events", [&]() -> Result<std::vector<EventRow>> {
        const std::string vehicle = vin.str(), id_of_campaign = campaign.str();
        const auto count = static_cast<long long>(limit);
        EventRow at;
        long long id = 0, seconds = 0;
        int percent = no_percent;
        soci::statement statement(
            (database_.sql().prepare << "SELECT id, at, vin, campaign, phase, ecu, percent, code, detail FROM events"
                                        " WHERE campaign = :campaign AND vin = :vin ORDER BY id DESC LIMIT :limit",
             soci::use(id_of_campaign), soci::use(vehicle), soci::use(count), soci::into(id), soci::into(seconds),
             soci::into(at.vin), soci::into(at.campaign), soci::into(at.phase), soci::into(at.ecu), soci::into(percent),
             soci::into(at.code), soci::into(at.detail)));
        statement.execute();
        std::vector<EventRow> rows;
        while (statement.fetch()) {
            at.id = static_cast<std::uint64_t>(id);
            at.at = UtcTime{seconds};
            at.percent = percent == no_percent ? std::nullopt : std::optional(static_cast<std::uint8_t>(percent));
            rows.push_back(at);
        }
        std::ranges::reverse(rows);
        return rows;
    });
}

}  // namespace pitstop::io::store
