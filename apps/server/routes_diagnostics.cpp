// Remote diagnostics: jobs for one vehicle.
#include "apps/server/routes.h"
#include "apps/server/views.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

namespace http = io::http;
using Answer = boost::asio::awaitable<http::Response>;

http::Response answer(unsigned status, const Result<json::Object>& view) {
    return view ? http::json(status, boost::json::serialize(*view)) : refusal(view.error());
}

}  // namespace

Result<void> add_diagnostic_routes(Doors& doors, io::Loop& loop, DiagnosticDesk& desk) {
    constexpr std::string_view all = "/api/v1/vehicles/{vin}/diagnostics";
    constexpr std::string_view one = "/api/v1/vehicles/{vin}/diagnostics/{job}";
    ENSURE(doors.open("GET", all, [&loop, &desk](http::Request& request, const Principal&) -> Answer {
        const auto vin = Vin::parse(request.parameter("vin"));
        if (!vin) co_return refusal(vin.error());
        const auto page = Page::of(request);
        if (!page) co_return refusal(page.error());
        co_return answer(200, co_await io::on_loop(loop, [&] { return desk.list(*vin, page->after, page->limit); }));
    }));
    ENSURE(doors.open("POST", all, [&loop, &desk](http::Request& request, const Principal& by) -> Answer {
        const auto vin = Vin::parse(request.parameter("vin"));
        if (!vin) co_return refusal(vin.error());
        const auto view =
            co_await io::on_loop(loop, [&] { return desk.create(*vin, view_of(request.body), by, loop.utc_now()); });
        http::Response response = answer(202, view);
        if (view)
            response.headers.set("Location", std::format("/api/v1/vehicles/{}/diagnostics/{}", vin->view(),
                                                         std::string_view(view->at("job_id").as_string())));
        co_return response;
    }));
    ENSURE(doors.open("GET", one, [&loop, &desk](http::Request& request, const Principal&) -> Answer {
        const auto vin = Vin::parse(request.parameter("vin"));
        if (!vin) co_return refusal(vin.error());
        co_return answer(200, co_await io::on_loop(loop, [&] { return desk.show(*vin, request.parameter("job")); }));
    }));
    return doors.open("DELETE", one, [&loop, &desk](http::Request& request, const Principal& by) -> Answer {
        const auto vin = Vin::parse(request.parameter("vin"));
        if (!vin) co_return refusal(vin.error());
        co_return answer(202, co_await io::on_loop(loop, [&] {
                             return desk.cancel(*vin, request.parameter("job"), by, loop.utc_now());
                         }));
    });
}

}  // namespace pitstop::server
