#include "io/http/faults.h"
#include "io/http/test_plain_server.h"

#include <gtest/gtest.h>

#include <thread>

namespace pitstop::io::http {
namespace {

using namespace std::chrono_literals;

TEST_F(PlainServer, AnswersAndKeepsTheConnection) {
    auto peer = connect();
    const auto heard =
        peer.ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(occurrences(heard, "HTTP/1.1 200 OK\r\n"), 2u);
    EXPECT_EQ(occurrences(heard, "\r\n\r\nhello"), 2u);
    EXPECT_EQ(occurrences(heard, "Connection: close"), 1u);
    EXPECT_TRUE(contains(heard, " GMT\r\n"));
    EXPECT_TRUE(contains(registry.render(), "pitstop_http_requests_total{status=\"200\"} 2"));
}

TEST_F(PlainServer, RequestsSentAtOnceAreAnsweredInOrder) {
    auto peer = connect();
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += std::format("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n<{:02}>", i);
    const auto heard = peer.ask(all + "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    std::size_t at = 0;
    for (int i = 0; i < 50; ++i) {
        at = heard.find(std::format("<{:02}>", i), at);
        ASSERT_NE(at, std::string::npos) << i;
    }
    EXPECT_TRUE(heard.ends_with("hello"));
}

TEST_F(PlainServer, HeadHasTheLengthButNoBody) {
    const auto heard = connect().ask("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(contains(heard, "Content-Length: 5\r\n"));
    EXPECT_TRUE(heard.ends_with("\r\n\r\n"));
}

TEST_F(PlainServer, RefusesWhatIsNotHttp) {
    const std::string host = "Host: a\r\n";
    const std::string bad[] = {
        "NONSENSE\r\n\r\n", "GET /hello\r\n\r\n", "GET /hello HTTP/2.0\r\n" + host + "\r\n",
        "GET  /hello HTTP/1.1\r\n" + host + "\r\n", "GET hello HTTP/1.1\r\n" + host + "\r\n",
        "GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\n" + host + host + "\r\n",
        "GET /hello HTTP/1.1\r\n" + host + "Bad Name: x\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" + host + "X: a\x01 b\r\n\r\n", "GET /hello?a=%zz HTTP/1.1\r\n" + host + "\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
        // Two ways to tell a body's end are the start of request smuggling.
        "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"};
    for (const auto& request : bad) {
        const auto heard = connect().ask(request);
        EXPECT_TRUE(heard.starts_with("HTTP/1.1 400 ")) << request << "\n-> " << heard;
        EXPECT_EQ(occurrences(heard, "HTTP/1.1 "), 1u) << request;
        EXPECT_TRUE(contains(heard, faults::bad_request.code)) << request;
        EXPECT_TRUE(contains(heard, "Connection: close\r\n")) << request;
    }
}

TEST_F(PlainServer, NamesWhatIsTooLarge) {
    const auto header = connect().ask("GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(header.starts_with("HTTP/1.1 431 ")) << header;
    EXPECT_TRUE(contains(header, faults::header_too_large.code));
    for (const std::size_t size : {2000, 9000}) {
        const auto target = connect().ask("GET /" + std::string(size, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(target.starts_with("HTTP/1.1 414 ")) << target;
        EXPECT_TRUE(contains(target, faults::target_too_long.code));
    }
    std::string many = "GET /hello HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 1000; ++i) many += "X: 1\r\n";
    EXPECT_TRUE(connect().ask(many + "\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_F(PlainServer, RefusesABodyBeyondTheRoutesLimitBeforeReadingIt) {
    const auto announced = connect().ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
    EXPECT_TRUE(announced.starts_with("HTTP/1.1 413 ")) << announced;
    EXPECT_TRUE(contains(announced, faults::body_too_large.code));
    std::string chunks = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i) chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
    EXPECT_TRUE(connect().ask(chunks + "0\r\n\r\n").starts_with("HTTP/1.1 413 "));
    const auto streamed = connect().ask("PUT /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1400\r\n" +
                                        std::string(0x1400, 'x') + "\r\n0\r\n\r\n");
    EXPECT_TRUE(streamed.starts_with("HTTP/1.1 413 ")) << streamed;
}

TEST_F(PlainServer, AClientThatStillSendsCanReadWhyItWasRefused) {
    const auto heard = connect().ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" +
                                     std::string(3'000'000, 'x'));
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 413 ")) << heard.substr(0, 100);
}

TEST_F(PlainServer, StreamsBodiesOfBothForms) {
    EXPECT_TRUE(connect()
                    .ask("PUT /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4999\r\n\r\n" +
                         std::string(4999, 'x'))
                    .ends_with("\r\n\r\n4999"));
    const auto chunked = connect().ask(
        "PUT /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: dropped\r\n\r\n");
    EXPECT_TRUE(chunked.ends_with("\r\n\r\n11")) << chunked;
}

TEST_F(PlainServer, AHandlerNeedNotReadTheBody) {
    auto peer = connect();
    const auto heard = peer.ask(
        "PUT /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: a\r\nConnection: "
        "close\r\n\r\n");
    EXPECT_TRUE(contains(heard, "ignored")) << heard;
    EXPECT_TRUE(heard.ends_with("hello")) << heard;
    const auto large = connect().ask("PUT /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" +
                                     std::string(500'000, 'x') + "GET /hello HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(large.ends_with("ignored")) << large;
}

TEST_F(PlainServer, InvitesTheBodyOnlyWhenItWantsIt) {
    auto peer = connect();
    peer.say(
        "PUT /count HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(peer.hear(25), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_TRUE(peer.ask("hello").ends_with("\r\n\r\n5"));
    const auto refused =
        connect().ask("PUT /count HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5001\r\n\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 ")) << refused;
}

TEST_F(PlainServer, SaysWhatIsNotThereAndWhatIsNotAllowed) {
    const auto missing = connect().ask("GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(missing.starts_with("HTTP/1.1 404 ")) << missing;
    EXPECT_TRUE(contains(missing, faults::no_such_resource.code));
    EXPECT_TRUE(contains(missing, "Content-Type: application/problem+json\r\n"));
    const auto method = connect().ask("DELETE /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(method.starts_with("HTTP/1.1 405 ")) << method;
    EXPECT_TRUE(contains(method, faults::method_not_allowed.code));
    EXPECT_TRUE(contains(method, "Allow: GET, HEAD\r\n"));
}

TEST_F(PlainServer, AHandlerThatFailsTellsAStrangerNothing) {
    const auto heard = connect().ask("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 500 ")) << heard;
    EXPECT_TRUE(contains(heard, faults::handler_failed.code));
    EXPECT_FALSE(contains(heard, "secret"));
}

TEST_F(PlainServer, AQueryCannotAddAHeader) {
    const auto heard =
        connect().ask("GET /split?name=a%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(contains(heard, "X-Name: a  X-Evil: 1\r\n")) << heard;
}

TEST_F(PlainServer, OldAndAbsoluteFormsAreUnderstood) {
    EXPECT_TRUE(connect().ask("GET /hello HTTP/1.0\r\n\r\n").ends_with("hello"));
    EXPECT_TRUE(connect()
                    .ask("\r\n\r\nGET http://a/hello?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .ends_with("hello"));
}

TEST_F(PlainServer, AHalfSentRequestIsCutOffAndTold) {
    settings.limits.header_timeout = 50ms;
    const auto heard = connect().ask("GET /hello HTTP/1.1\r\nHo");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 408 ")) << heard;
    EXPECT_TRUE(contains(heard, faults::too_slow.code));
}

TEST_F(PlainServer, AHalfSentBodyIsCutOffAndTold) {
    settings.limits.body_timeout = 50ms;
    EXPECT_TRUE(
        connect().ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(contains(connect().ask("PUT /count HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"),
                         faults::too_slow.code));
}

TEST_F(PlainServer, AnIdleConnectionEndsInSilence) {
    settings.limits.idle_timeout = 50ms;
    EXPECT_EQ(connect().hear_all(), "");
}

TEST_F(PlainServer, AClientThatStopsReadingIsCutOff) {
    const Folder folder;
    const auto large = folder.write("large", std::string(20'000'000, 'x'));
    add("GET", "/large", [large](Request&) -> awaitable<Response> {
        co_return file({.path = large, .offset_bytes = 0, .length_bytes = {}, .etag = {}});
    });
    settings.limits.write_timeout = 50ms;
    auto peer = connect();
    peer.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    while (server->connections() == 0) std::this_thread::yield();
    while (server->connections() > 0) std::this_thread::yield();
    EXPECT_LT(peer.hear_all().size(), 20'000'000u);
}

TEST_F(PlainServer, ABodyThatEndsEarlyIsNoBody) {
    auto peer = connect();
    peer.say("PUT /count HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc");
    peer.end();
    const auto heard = peer.hear_all();
    EXPECT_TRUE(contains(heard, faults::short_body.code)) << heard;
}

TEST_F(PlainServer, TellsTheConnectionThatIsOneTooMany) {
    settings.limits.connections_max = 1;
    auto first = connect();
    first.say("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    first.hear(20);
    const auto heard = connect().ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 503 ")) << heard;
    EXPECT_TRUE(contains(heard, faults::too_many_connections.code));
    EXPECT_TRUE(contains(heard, "Retry-After: "));
}

TEST_F(PlainServer, StopEndsIdleConnectionsAtOnceAndLetsARequestFinish) {
    auto idle = connect();
    auto busy = connect();
    busy.say("PUT /count HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    busy.hear(25);  // the handler waits for the body now
    std::thread stopper([&] { server->stop(10s); });
    EXPECT_EQ(idle.hear_all(), "");
    const auto heard = busy.ask("hello");
    EXPECT_TRUE(heard.ends_with("\r\n\r\n5")) << heard;
    EXPECT_TRUE(contains(heard, "Connection: close\r\n")) << heard;
    stopper.join();
    EXPECT_THROW(connect(), boost::system::system_error);
}

TEST_F(PlainServer, StopCutsWhatDoesNotFinishInTime) {
    auto busy = connect();
    busy.say("PUT /count HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    busy.hear(25);
    const auto start = std::chrono::steady_clock::now();
    server->stop(10ms);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    EXPECT_EQ(server->connections(), 0u);
}

TEST_F(PlainServer, SaysThatThePortIsTaken) {
    (void)connect();
    settings.port = server->port();
    const auto second = Server::start(settings, router, registry);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(faults::port_taken)) << second.error().str();
}

TEST_F(PlainServer, RefusesAddressesItCannotOrMustNotListenOn) {
    settings.address = "203.0.113.7";  // documentation range: nobody's own
    EXPECT_TRUE(Server::start(settings, router, registry).error().is(faults::plain_needs_loopback));
    settings.address = "0.0.0.0";
    EXPECT_TRUE(Server::start(settings, router, registry).error().is(faults::plain_needs_loopback));
    settings.address = "localhost";
    EXPECT_TRUE(Server::start(settings, router, registry).error().is(faults::cannot_listen));
}

}  // namespace
}  // namespace pitstop::io::http
