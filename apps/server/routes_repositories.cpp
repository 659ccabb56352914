#include "apps/server/faults.h"
#include "apps/server/routes.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

namespace http = io::http;
using Answer = boost::asio::awaitable<http::Response>;

constexpr http::RouteLimits metadata_limits{8 << 20};  // the largest role's: uptane::size_bytes_max(Role::targets)

http::Response metadata(Result<std::string> file) {
    return file ? http::json(200, *std::move(file)) : refusal(file.error());
}

// Whole in memory: no metadata file is larger than the limit.
io::Task<Bytes> read_all(http::BodyReader& body) {
    Bytes bytes;
    Bytes piece(std::size_t{64} * 1024);
    for (;;) {
        CO_TRY(const std::size_t got, co_await body.read(piece));
        if (got == 0) co_return bytes;
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
    }
}

}  // namespace

Result<void> add_repository_routes(Doors& doors, io::Loop& loop, ImageRepository& images, Director& director,
                                   CampaignDesk& desk) {
    ENSURE(doors.open_upload("PUT", "/api/v1/repo/{file}", metadata_limits,
                             [&](http::Request& request, http::BodyReader& body, const Principal& by) -> Answer {
                                 const auto bytes = co_await read_all(body);
                                 if (!bytes) co_return refusal(bytes.error());
                                 const auto put = co_await io::on_loop(loop, [&] {
                                     const auto file = request.parameter("file");
                                     return desk.recorded(images.put(file, *bytes, loop.utc_now()),
                                                          "PUT /api/v1/repo/{file}", file, by, loop.utc_now());
                                 });
                                 if (!put) co_return refusal(put.error());
                                 const bool visible = *put == Visibility::visible;
                                 co_return http::json(visible ? 200 : 202,
                                                      boost::json::serialize(json::Object{{"visible", visible}}));
                             }));
    ENSURE(doors.open("GET", "/repo/{file}", [&](http::Request& request, const Principal&) -> Answer {
        co_return metadata(co_await io::on_loop(loop, [&] { return images.file(request.parameter("file")); }));
    }));
    return doors.open("GET", "/director/{file}", [&](http::Request& request, const Principal& by) -> Answer {
        co_return metadata(co_await io::on_loop(
            loop, [&] { return director.file(*by.vin, request.parameter("file"), loop.utc_now()); }));
    });
}

Result<void> add_health_route(http::Router& router, const std::atomic<bool>& broker_connected) {
    return router.add("GET", "/health", [&broker_connected](http::Request&) -> Answer {
        co_return http::json(200, broker_connected ? R"({"status":"ok","broker":"connected"})"
                                                   : R"({"status":"degraded","broker":"absent"})");
    });
}

}  // namespace pitstop::server
