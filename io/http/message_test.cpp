#include "io/http/message.h"
#include "io/http/faults.h"
#include "io/http/range.h"
#include "io/http/router.h"

#include "core/base/json.h"

#include <gtest/gtest.h>

namespace pitstop::io::http {
namespace {

TEST(Headers, AreFoundWithoutRegardToCaseAndReplacedByName) {
    Headers headers{{"Host", "a"}, {"X-A", "1"}, {"x-a", "2"}};
    EXPECT_EQ(headers.find("HOST"), "a");
    EXPECT_EQ(headers.find("x-A"), "1");
    EXPECT_EQ(headers.count("X-A"), 2u);
    headers.set("X-A", "3");
    EXPECT_EQ(headers.count("x-a"), 1u);
    EXPECT_EQ(headers.find("x-a"), "3");
    EXPECT_EQ(headers.find("Hos"), std::nullopt);
    headers.clear();
    EXPECT_EQ(headers.find("Host"), std::nullopt);
}

TEST(Problem, IsADocumentThatCarriesTheFaultsCode) {
    const auto response = problem(503, Error(faults::server_busy, "quote \" inside"), 7);
    EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.headers.find("Retry-After"), "7");
    const auto document = json::parse(view_of(std::get<std::string>(response.body)), 4096);
    ASSERT_TRUE(document);
    const auto& members = document->as_object();
    EXPECT_EQ(json::string(members, "code"), faults::server_busy.code);
    EXPECT_EQ(json::string(members, "type"), "urn:pitstop:fault:http.server-busy");
    EXPECT_EQ(json::string(members, "title"), faults::server_busy.meaning);
    EXPECT_EQ(json::string(members, "detail"), "quote \" inside");
    EXPECT_EQ(json::number(members, "status", 999), 503u);
}

TEST(Problem, TheStatusFollowsTheRemedy) {
    EXPECT_EQ(problem(Error(faults::bad_request)).status, 400u);
    EXPECT_EQ(problem(Error(faults::bad_answer)).status, 422u);
    EXPECT_EQ(problem(Error(faults::server_busy)).status, 503u);
    EXPECT_TRUE(problem(Error(faults::server_busy)).headers.find("Retry-After"));
    EXPECT_EQ(problem(Error(faults::handler_failed)).status, 500u);
}

TEST(Percent, IsDecodedStrictly) {
    EXPECT_EQ(percent_decoded("a%20b%2Fc", Plus::is_plus), "a b/c");
    EXPECT_EQ(percent_decoded("a+b", Plus::is_space), "a b");
    EXPECT_EQ(percent_decoded("a+b", Plus::is_plus), "a+b");
    for (const char* bad : {"%", "%4", "%zz", "a%00b"})
        EXPECT_EQ(percent_decoded(bad, Plus::is_plus), std::nullopt) << bad;
    EXPECT_EQ(percent_decoded(percent_encoded("a b/%\xff"), Plus::is_plus), "a b/%\xff");
}

class Routing : public ::testing::Test {
protected:
    void SetUp() override {
        for (const char* pattern :
             {"/health", "/api/v1/vehicles", "/api/v1/vehicles/{vin}", "/api/v1/vehicles/all", "/console/{path*}"}) {
            ASSERT_TRUE(router.add("GET", pattern, nothing)) << pattern;
        }
        ASSERT_TRUE(router.add("DELETE", "/api/v1/vehicles/{vin}", nothing));
    }
    Result<const Router::Route*> find(std::string method, std::string path) {
        request.method = std::move(method);
        request.path = std::move(path);
        return router.find(request);
    }
    Handler nothing = [](Request&) -> boost::asio::awaitable<Response> { co_return empty(); };
    Router router;
    Request request;
};

TEST_F(Routing, FindsTheMostLiteralRoute) {
    EXPECT_EQ((*find("GET", "/api/v1/vehicles/all"))->pattern, "/api/v1/vehicles/all");
    EXPECT_EQ((*find("GET", "/api/v1/vehicles/WVW%2F1"))->pattern, "/api/v1/vehicles/{vin}");
    EXPECT_EQ(request.parameter("vin"), "WVW/1");
    EXPECT_EQ((*find("DELETE", "/api/v1/vehicles/all"))->method, "DELETE");
    EXPECT_EQ((*find("GET", "/console/js/app.js"))->pattern, "/console/{path*}");
    EXPECT_EQ(request.parameter("path"), "js/app.js");
    EXPECT_TRUE(find("HEAD", "/health"));
}

TEST_F(Routing, SaysNothingStandsThereOrTheMethodIsNotOffered) {
    for (const char* path :
         {"/", "/healthy", "/health/", "/api/v1/vehicles/", "/api/v1/vehicles/a/b", "/console/", "//health"}) {
        const auto found = find("GET", path);
        ASSERT_FALSE(found) << path;
        EXPECT_TRUE(found.error().is(faults::no_such_resource)) << path;
    }
    EXPECT_TRUE(find("POST", "/health").error().is(faults::method_not_allowed));
    EXPECT_EQ(router.allowed_methods("/api/v1/vehicles/x"), "DELETE, GET, HEAD");
    EXPECT_EQ(router.allowed_methods("/nowhere"), "");
    EXPECT_TRUE(find("GET", "/api/v1/vehicles/%zz").error().is(faults::bad_request));
}

TEST_F(Routing, RefusesPatternsThatAreMalformedOrThereAlready) {
    for (const char* bad :
         {"", "health", "/a/{", "/a/{}", "/a/{x}/{x}", "/{rest*}/b", "/a*", "/health", "/api/v1/vehicles/{id}"}) {
        const auto added = router.add("GET", bad, nothing);
        ASSERT_FALSE(added) << bad;
        EXPECT_TRUE(added.error().is(faults::bad_route)) << bad;
    }
}

struct RangeCase {
    const char* range;
    unsigned status;
    std::uint64_t first, count;
};

TEST(Range, EveryFormIsAnsweredAsTheStandardSays) {
    const RangeCase cases[] = {{"bytes=0-0", 206, 0, 1},
                               {"bytes=0-9", 206, 0, 10},
                               {"bytes=9-9", 206, 9, 1},
                               {"bytes=5-", 206, 5, 5},
                               {"bytes=5-99", 206, 5, 5},
                               {"bytes=-3", 206, 7, 3},
                               {"bytes=-99", 206, 0, 10},
                               {"Bytes = 1-2", 200, 0, 10},
                               {"BYTES=1-2", 206, 1, 2},
                               {"bytes= 1 - 2 ", 206, 1, 2},
                               {"bytes=10-", 416, 0, 0},
                               {"bytes=10-20", 416, 0, 0},
                               {"bytes=-0", 416, 0, 0},
                               {"bytes=18446744073709551615-", 416, 0, 0},
                               {"bytes=5-4", 200, 0, 10},
                               {"bytes=-", 200, 0, 10},
                               {"bytes=", 200, 0, 10},
                               {"bytes=a-b", 200, 0, 10},
                               {"bytes=0-1,3-4", 200, 0, 10},
                               {"lines=0-1", 200, 0, 10},
                               {"bytes=18446744073709551616-", 200, 0, 10},
                               {"bytes=--1", 200, 0, 10},
                               {"bytes=+1-2", 200, 0, 10}};
    for (const auto& one : cases) {
        const auto answer = choose_bytes({{"Range", one.range}}, 10, "");
        EXPECT_EQ(answer.status, one.status) << one.range;
        EXPECT_EQ(answer.first, one.first) << one.range;
        EXPECT_EQ(answer.count, one.count) << one.range;
    }
    EXPECT_EQ(choose_bytes({{"Range", "bytes=0-"}}, 0, "").status, 416u);
    EXPECT_EQ(choose_bytes({}, 0, "").status, 200u);
    EXPECT_EQ(choose_bytes({{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}, 10, "").status, 200u);
}

TEST(Range, IsGivenOnlyOfTheBytesThatTheClientKnows) {
    EXPECT_EQ(choose_bytes({{"Range", "bytes=5-"}, {"If-Range", "\"abc\""}}, 10, "abc").status, 206u);
    EXPECT_EQ(choose_bytes({{"Range", "bytes=5-"}, {"If-Range", "\"old\""}}, 10, "abc").status, 200u);
    EXPECT_EQ(choose_bytes({{"Range", "bytes=5-"}, {"If-Range", "W/\"abc\""}}, 10, "abc").status,
              200u);  // weak never matches
    EXPECT_EQ(choose_bytes({{"Range", "bytes=5-"}, {"If-Range", "\"\""}}, 10, "").status, 200u);
    EXPECT_EQ(choose_bytes({{"If-None-Match", "\"x\", W/\"abc\""}}, 10, "abc").status, 304u);
    EXPECT_EQ(choose_bytes({{"If-None-Match", "*"}}, 10, "abc").status, 304u);
    EXPECT_EQ(choose_bytes({{"If-None-Match", "\"abcd\""}}, 10, "abc").status, 200u);
}

TEST(ContentRange, IsReadStrictly) {
    const auto range = parse_content_range("bytes 5-9/10");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 5u);
    EXPECT_EQ(range->last, 9u);
    EXPECT_EQ(range->size, 10u);
    for (const char* bad : {"bytes 9-5/10", "bytes 5-10/10", "bytes 5-9/*", "5-9/10", "bytes */10", "bytes 5/10", ""})
        EXPECT_FALSE(parse_content_range(bad)) << bad;
    EXPECT_EQ(parse_unsatisfied_size("bytes */10"), 10u);
    EXPECT_EQ(parse_unsatisfied_size("bytes 0-1/10"), std::nullopt);
}

}  // namespace
}  // namespace pitstop::io::http
