#include "apps/server/faults.h"
#include "apps/server/routes.h"
#include "apps/server/views.h"

#include <boost/json/serialize.hpp>

namespace pitstop::server {
namespace {

namespace http = io::http;

Result<json::Object> list(io::store::Store store, const Page& page) {
    TRY(const auto rows, store.vehicles.list(page.after, page.limit + 1));
    json::Array vehicles;
    for (std::size_t i = 0; i < rows.size() && i < page.limit; ++i) vehicles.push_back(view_of_vehicle(rows[i]));
    json::Object view{{"vehicles", std::move(vehicles)}, {"next_cursor", nullptr}};
    if (rows.size() > page.limit) view["next_cursor"] = rows[page.limit - 1].vin.view();
    return view;
}

Result<json::Object> show(io::store::Store store, std::string_view name) {
    TRY(const Vin vin, Vin::parse(name));
    TRY(const auto row, store.vehicles.find(vin));
    if (!row) return fail(faults::unknown_vehicle, vin.view());
    TRY(const auto rows, store.assignments.of_vehicle(vin));
    json::Array assignments;
    for (const auto& one : rows) assignments.push_back(view_of_assignment(one));
    json::Object view = view_of_vehicle(*row);
    view["assignments"] = std::move(assignments);
    return view;
}

http::Response answer(const Result<json::Object>& view) {
    return view ? http::json(200, boost::json::serialize(*view)) : refusal(view.error());
}

}  // namespace

Result<void> add_vehicle_routes(Doors& doors, io::Loop& loop, io::store::Database& database) {
    const io::store::Store store(database);
    ENSURE(
        doors.open("GET", "/api/v1/vehicles",
                   [&loop, store](http::Request& request, const Principal&) -> boost::asio::awaitable<http::Response> {
                       const auto page = Page::of(request);
                       if (!page) co_return refusal(page.error());
                       co_return answer(co_await io::on_loop(loop, [&] { return list(store, *page); }));
                   }));
    return doors.open(
        "GET", "/api/v1/vehicles/{vin}",
        [&loop, store](http::Request& request, const Principal&) -> boost::asio::awaitable<http::Response> {
            co_return answer(co_await io::on_loop(loop, [&] { return show(store, request.parameter("vin")); }));
        });
}

}  // namespace pitstop::server
