#include "io/store/columns.h"
#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>

namespace pitstop::io::store {
namespace {

constexpr std::string_view columns = "SELECT vin, campaign, phase, is_open, state, updated FROM assignments ";

struct Columns {
    std::string vin, campaign, phase, state;
    long long updated = 0;
    int is_open = 0;

    [[nodiscard]] Result<AssignmentRow> row() const {
        TRY(const Vin vehicle, id_of<Vin>(vin, "assignments"));
        TRY(const CampaignId id, id_of<CampaignId>(campaign, "assignments"));
        return AssignmentRow{vehicle,         id, phase, is_open != 0 ? Activity::open : Activity::closed, state,
                             UtcTime{updated}};
    }
};

Result<std::vector<AssignmentRow>> rows_of(soci::details::prepare_temp_type prepared) {
    Columns at;
    std::vector<AssignmentRow> rows;
    soci::statement statement((prepared, soci::into(at.vin), soci::into(at.campaign), soci::into(at.phase),
                               soci::into(at.is_open), soci::into(at.state), soci::into(at.updated)));
    statement.execute();
    while (statement.fetch()) {
        TRY(auto row, at.row());
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

Result<void> Assignments::put(const AssignmentRow& row) {
    return guard("store an assignment", [&]() -> Result<void> {
        const std::string vin = row.vin.str(), campaign = row.campaign.str();
        const int is_open = row.activity == Activity::open ? 1 : 0;
        const auto updated = static_cast<long long>(row.updated.seconds);
        database_.sql()
            << "INSERT INTO assignments (vin, campaign, phase, is_open, state, updated)"
               " VALUES (:vin, :campaign, :phase, :open, :state, :updated) ON CONFLICT (vin, campaign) DO UPDATE SET"
               " phase = excluded.phase, is_open = excluded.is_open, state = excluded.state, updated = "
               "excluded.updated",
            soci::use(vin), soci::use(campaign), soci::use(row.phase), soci::use(is_open), soci::use(row.state),
            soci::use(updated);
        return {};
    });
}

Result<std::optional<AssignmentRow>> Assignments::find(const Vin& vin, const CampaignId& campaign) {
    return guard("find an assignment", [&]() -> Result<std::optional<AssignmentRow>> {
        const std::string vehicle = vin.str(), id = campaign.str();
        TRY(auto rows, rows_of((database_.sql().prepare << columns << "WHERE vin = :vin AND campaign = :campaign",
                                soci::use(vehicle), soci::use(id))));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    });
}

Result<std::vector<AssignmentRow>> Assignments::of_campaign(const CampaignId& campaign, std::string_view after_vin,
                                                            std::size_t limit) {
    return guard("list a campaign's assignments", [&] {
        const std::string id = campaign.str(), after(after_vin);
        const auto count = static_cast<long long>(limit);
        return rows_of((database_.sql().prepare
                            << columns << "WHERE campaign = :campaign AND vin > :after ORDER BY vin LIMIT :limit",
                        soci::use(id), soci::use(after), soci::use(count)));
    });
}

Result<std::vector<AssignmentRow>> Assignments::of_vehicle(const Vin& vin) {
    return guard("list a vehicle's assignments", [&] {
        const std::string vehicle = vin.str();
        return rows_of(
            (database_.sql().prepare << columns << "WHERE vin = :vin ORDER BY campaign", soci::use(vehicle)));
    });
}

Result<std::vector<AssignmentRow>> Assignments::all_open() {
    return guard("list open assignments", [&] {
        return rows_of((database_.sql().prepare << columns << "WHERE is_open = 1 ORDER BY vin, campaign"));
    });
}

Result<std::vector<PhaseCount>> Assignments::count_phases(const CampaignId& campaign) {
    return guard("count a campaign's phases", [&]() -> Result<std::vector<PhaseCount>> {
        const std::string id = campaign.str();
        PhaseCount at;
        long long vehicles = 0;
        soci::statement statement((database_.sql().prepare
                                       << "SELECT phase, COUNT(*) FROM assignments WHERE campaign = :campaign"
                                          " GROUP BY phase ORDER BY phase",
                                   soci::use(id), soci::into(at.phase), soci::into(vehicles)));
        statement.execute();
        std::vector<PhaseCount> counts;
        while (statement.fetch()) counts.push_back({at.phase, static_cast<std::uint64_t>(vehicles)});
        return counts;
    });
}

}  // namespace pitstop::io::store
