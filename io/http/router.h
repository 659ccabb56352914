// Which handler answers which method and path.
//
//     Router router;
//     ENSURE(router.add("GET", "/api/v1/vehicles/{vin}", [&](Request& request) { return show(request.parameter("vin"));
//     })); ENSURE(router.add_upload("PUT", "/api/v1/packages/{id}", {.body_bytes_max = 4ull << 30}, receive));
//
// A segment of a pattern is literal, or {name} for any one segment; a last {name*} takes the rest of the path. Literal
// segments win over names. HEAD is answered by GET's handler. Handlers are coroutines; they run on the thread of the
// connection that asks (several at once, on different threads), and go to another thread through on_loop or Pool where
// they must.
#pragma once

#include "io/http/message.h"
#include "io/runtime/task.h"

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::io::http {

// Enough for every JSON document of the API; larger bodies belong to streaming routes.
inline constexpr std::uint64_t body_bytes_max_default = 1 << 20;

struct RouteLimits {
    std::uint64_t body_bytes_max = body_bytes_max_default;
};

// The body of a streaming route, as it arrives.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    // Fills some of the room; 0: the body is complete. http.body-too-large, http.too-slow, http.short-body,
    // http.bad-request.
    [[nodiscard]] virtual Task<std::size_t> read(Room room) = 0;
    [[nodiscard]] virtual std::optional<std::uint64_t> announced_bytes()
        const = 0;  // Content-Length; nothing when chunked
};

using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;
using UploadHandler = std::function<boost::asio::awaitable<Response>(Request&, BodyReader&)>;

class Router {
public:
    struct Route {
        std::string method, pattern;
        std::vector<std::string> segments;
        RouteLimits limits;
        Handler handler;  // one of the two is there
        UploadHandler uploads;
    };

    // http.bad-route: malformed, or there already.
    Result<void> add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits = {});
    Result<void> add_upload(std::string_view method, std::string_view pattern, RouteLimits limits,
                            UploadHandler handler);

    // Fills request.parameters. http.no-such-resource, http.method-not-allowed, or http.bad-request for a malformed
    // escape.
    [[nodiscard]] Result<const Route*> find(Request& request) const;

    [[nodiscard]] std::string allowed_methods(
        std::string_view path) const;  // "GET, HEAD, PUT"; "" where nothing stands

private:
    Result<void> insert(Route route);
    std::vector<Route> routes_;  // those with more literal segments first
};

}  // namespace pitstop::io::http
