// For this room's tests: a plain server on loopback, spoken to in raw bytes.
#pragma once

#include "io/http/faults.h"
#include "io/http/server.h"
#include "io/http/test_loopback.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop::io::http {

using boost::asio::awaitable;

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

class PlainServer : public ::testing::Test {
protected:
    void SetUp() override {
        settings.port = 0;
        settings.threads = 1;
        settings.limits.header_bytes_max = 4096;
        settings.limits.target_bytes_max = 1024;
        add("GET", "/hello", [](Request&) -> awaitable<Response> { co_return text(200, "hello"); });
        add("POST", "/echo", [](Request& request) -> awaitable<Response> { co_return text(200, request.body); },
            {.body_bytes_max = 1000});
        add("GET", "/throws", [](Request&) -> awaitable<Response> {
            throw std::runtime_error("secret of the house");
            co_return empty();
        });
        add("GET", "/split", [](Request& request) -> awaitable<Response> {
            auto response = text(200, "");
            response.headers.add("X-Name", request.query("name").value_or("none"));
            co_return response;
        });
        ASSERT_TRUE(router.add_upload("PUT", "/count", {.body_bytes_max = 5000}, count_bytes));
        ASSERT_TRUE(router.add_upload("PUT", "/ignore", {}, [](Request&, BodyReader&) -> awaitable<Response> {
            co_return text(200, "ignored");
        }));
    }

    static awaitable<Response> count_bytes(Request&, BodyReader& body) {
        std::array<std::uint8_t, 700> room;
        std::size_t total = 0;
        while (true) {
            const auto got = co_await body.read(room);
            if (!got) co_return problem(got.error().is(faults::body_too_large) ? 413 : 400, got.error());
            if (*got == 0) co_return text(200, std::to_string(total));
            total += *got;
        }
    }

    void add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits = {}) {
        ASSERT_TRUE(router.add(method, pattern, std::move(handler), limits));
    }

    RawPeer connect() {
        if (!server) {
            auto started = Server::start(settings, router, registry);
            EXPECT_TRUE(started) << (started ? "" : started.error().str());
            server.emplace(*std::move(started));
        }
        return RawPeer(server->port());
    }

    ServerSettings settings;
    Router router;
    metrics::Registry registry;
    std::optional<Server> server;
};

}  // namespace pitstop::io::http
