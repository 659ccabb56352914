#include "apps/server/faults.h"
#include "apps/server/routes.h"
#include "apps/server/views.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

namespace http = io::http;
using Answer = boost::asio::awaitable<http::Response>;

constexpr std::size_t campaign_bytes_max = 1024 * 1024;  // what this server wrote itself
constexpr std::size_t assignments_shown_max = 500;
constexpr std::size_t events_shown_max = 200;  // of each vehicle, the last ones

Result<json::Object> list(io::store::Store store, const Page& page) {
    TRY(const auto rows, store.campaigns.list(page.after, page.limit + 1));
    json::Array campaigns;
    for (std::size_t i = 0; i < rows.size() && i < page.limit; ++i) campaigns.push_back(view_of_campaign(rows[i]));
    json::Object view{{"campaigns", std::move(campaigns)}, {"next_cursor", nullptr}};
    if (rows.size() > page.limit) view["next_cursor"] = rows[page.limit - 1].id.view();
    return view;
}

Result<std::vector<campaign::Target>> targets_of(const io::store::CampaignRow& row) {
    TRY(const auto value, json::parse(view_of(row.campaign), campaign_bytes_max));
    TRY(const auto* object, json::as_object(value, "campaign"));
    TRY(auto campaign, campaign::campaign_from_json(*object));
    return std::move(campaign.targets);
}

Result<json::Object> show_deltas(io::store::Store store, Deliveries& deliveries, std::string_view name) {
    TRY(const auto id, CampaignId::parse(name));
    TRY(const auto row, store.campaigns.find(id));
    if (!row) return fail(faults::unknown_campaign, id.view());
    TRY(const auto targets, targets_of(*row));
    json::Object view;
    TRY(view["deltas"], deliveries.list(targets));
    TRY(view["totals"], deliveries.totals(targets));
    return view;
}

// The cursor moves over the assignments; each comes with its events.
Result<json::Object> show(io::store::Store store, Deliveries& deliveries, std::string_view name, const Page& page) {
    TRY(const auto id, CampaignId::parse(name));
    TRY(const auto row, store.campaigns.find(id));
    if (!row) return fail(faults::unknown_campaign, id.view());
    const std::size_t limit = std::min(page.limit, assignments_shown_max);
    TRY(const auto assignments, store.assignments.of_campaign(id, page.after, limit + 1));
    TRY(const auto counts, store.assignments.count_phases(id));
    campaign::Summary summary;
    for (const auto& [phase, vehicles] : counts)
        if (const auto known = campaign::phase_from(phase))
            summary.vehicles[static_cast<std::size_t>(*known)] = static_cast<std::uint32_t>(vehicles);
    json::Array views;
    for (std::size_t i = 0; i < assignments.size() && i < limit; ++i) {
        json::Object view = view_of_assignment(assignments[i]);
        json::Array own;
        TRY(const auto events, store.events.of_assignment(assignments[i].vin, id, events_shown_max));
        for (const auto& event : events) own.push_back(view_of_event(event));
        view["events"] = std::move(own);
        views.push_back(std::move(view));
    }
    json::Object view = view_of_campaign(*row);
    view["summary"] = campaign::to_json(summary);
    TRY(const auto targets, targets_of(*row));
    TRY(view["deltas"], deliveries.totals(targets));
    view["assignments"] = std::move(views);
    view["next_cursor"] = nullptr;
    if (assignments.size() > limit) view["next_cursor"] = assignments[limit - 1].vin.view();
    return view;
}

http::Response answer(unsigned status, const Result<json::Object>& view) {
    return view ? http::json(status, boost::json::serialize(*view)) : refusal(view.error());
}

Result<json::Object> outcomes_view(Result<std::vector<Outcome>> outcomes) {
    if (!outcomes) return fail(outcomes.error());
    return json::Object{{"vehicles", view_of_outcomes(*outcomes)}};
}

Result<void> add_reading(Doors& doors, io::Loop& loop, const io::store::Store& store, Deliveries& deliveries) {
    ENSURE(doors.open("GET", "/api/v1/campaigns", [&loop, store](http::Request& request, const Principal&) -> Answer {
        const auto page = Page::of(request);
        if (!page) co_return refusal(page.error());
        co_return answer(200, co_await io::on_loop(loop, [&] { return list(store, *page); }));
    }));
    ENSURE(doors.open("GET", "/api/v1/campaigns/{id}/deltas",
                      [&loop, &deliveries, store](http::Request& request, const Principal&) -> Answer {
                          co_return answer(200, co_await io::on_loop(loop, [&] {
                                               return show_deltas(store, deliveries, request.parameter("id"));
                                           }));
                      }));
    return doors.open("GET", "/api/v1/campaigns/{id}",
                      [&loop, &deliveries, store](http::Request& request, const Principal&) -> Answer {
                          const auto page = Page::of(request);
                          if (!page) co_return refusal(page.error());
                          co_return answer(200, co_await io::on_loop(loop, [&] {
                                               return show(store, deliveries, request.parameter("id"), *page);
                                           }));
                      });
}

}  // namespace

Result<void> add_campaign_routes(Doors& doors, io::Loop& loop, io::store::Database& database, CampaignDesk& desk,
                                 Deliveries& deliveries) {
    ENSURE(add_reading(doors, loop, io::store::Store(database), deliveries));
    ENSURE(doors.open("POST", "/api/v1/campaigns", [&](http::Request& request, const Principal& by) -> Answer {
        const auto created =
            co_await io::on_loop(loop, [&] { return desk.create(view_of(request.body), by, loop.utc_now()); });
        if (!created) co_return refusal(created.error());
        auto response = http::json(201, boost::json::serialize(view_of_campaign(*created)));
        response.headers.set("Location", std::format("/api/v1/campaigns/{}", created->id.view()));
        co_return response;
    }));
    ENSURE(
        doors.open("POST", "/api/v1/campaigns/{id}/deploy", [&](http::Request& request, const Principal& by) -> Answer {
            const auto id = CampaignId::parse(request.parameter("id"));
            if (!id) co_return refusal(id.error());
            co_return answer(202, outcomes_view(co_await io::on_loop(loop, [&] {
                                 return desk.deploy(*id, view_of(request.body), by, loop.utc_now());
                             })));
        }));
    return doors.open(
        "POST", "/api/v1/campaigns/{id}/cancel", [&](http::Request& request, const Principal& by) -> Answer {
            const auto id = CampaignId::parse(request.parameter("id"));
            if (!id) co_return refusal(id.error());
            co_return answer(
                202, outcomes_view(co_await io::on_loop(loop, [&] { return desk.cancel(*id, by, loop.utc_now()); })));
        });
}

}  // namespace pitstop::server
