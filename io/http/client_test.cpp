#include "io/http/client.h"
#include "io/http/faults.h"
#include "io/http/server.h"
#include "io/http/test_loopback.h"
#include "io/runtime/loop.h"

#include <gtest/gtest.h>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace pitstop::io::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::ip::tcp;

// A real server and a real client, each with its own certificate, over profile 2.
class SecureServer : public ::testing::Test {
protected:
    void SetUp() override {
        server_identity.trust_anchors = client_identity.certificate_chain;
        client_identity.trust_anchors = server_identity.certificate_chain;
        const auto content_path = folder.write("package", content);
        add("GET", "/whoami", [](Request& request) -> awaitable<Response> {
            co_return text(200, request.peer.common_name.value_or("nobody") + " " + request.peer.tls.group);
        });
        add("POST", "/echo", [](Request& request) -> awaitable<Response> { co_return text(200, request.body); });
        add("GET", "/package", [content_path](Request&) -> awaitable<Response> {
            co_return file({.path = content_path, .offset_bytes = 0, .length_bytes = {}, .etag = "v1"});
        });
        add("GET", "/no", [](Request&) -> awaitable<Response> {
            co_return problem(403, Error(faults::status_refused, "not yours"));
        });
        add("GET", "/busy",
            [](Request&) -> awaitable<Response> { co_return problem(429, Error(faults::server_busy)); });
        ASSERT_TRUE(router.add_upload("PUT", "/upload", {.body_bytes_max = 8 << 20}, take));
        settings.port = 0;
        settings.tls = server_identity;
        auto started = Server::start(settings, router, registry);
        ASSERT_TRUE(started) << started.error().str();
        server.emplace(*std::move(started));
    }

    static awaitable<Response> take(Request& request, BodyReader& body) {
        if (request.query("key") != "right") co_return problem(403, Error(faults::status_refused, "wrong key"));
        std::vector<std::uint8_t> room(100'000);
        std::uint64_t total = 0, sum = 0;
        while (true) {
            const auto got = co_await body.read(room);
            if (!got) co_return problem(got.error());
            if (*got == 0) co_return text(201, std::format("{} {}", total, sum));
            for (std::size_t i = 0; i < *got; ++i) sum += room[i];
            total += *got;
        }
    }

    void add(std::string_view method, std::string_view pattern, Handler handler) {
        ASSERT_TRUE(router.add(method, pattern, std::move(handler)));
    }
    std::string url() const { return std::format("https://127.0.0.1:{}", server->port()); }
    ClientSettings client_settings() const {
        return {.base_url = url(), .tls = client_identity, .connect_timeout = 10s, .idle_timeout = 10s, .headers = {}};
    }

    static std::string pattern(std::size_t size) {
        std::string text(size, '\0');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 1000);
        return text;
    }

    Folder folder;
    tls::TlsSettings server_identity = make_identity(folder, "pitstop-server");
    tls::TlsSettings client_identity = make_identity(folder, "VIN01");
    std::string content = pattern(3'000'000);
    ServerSettings settings;
    Router router;
    metrics::Registry registry;
    std::optional<Server> server;
    Loop loop;
};

TEST_F(SecureServer, KnowsWhoAsksAndBothSidesAgreeOnTheGroup) {
    Client client(loop, client_settings());
    const auto answer = complete(loop, client.get("/whoami", {}, 1000));
    ASSERT_TRUE(answer) << answer.error().str();
    EXPECT_EQ(answer->body, "VIN01 X25519MLKEM768");
    ASSERT_TRUE(client.negotiated());
    EXPECT_EQ(client.negotiated()->group, "X25519MLKEM768");
    EXPECT_TRUE(registry.render().contains("pitstop_tls_handshakes_total{group=\"X25519MLKEM768\"} 1"));
}

TEST_F(SecureServer, AThousandQuestionsTakeOneHandshake) {
    Client client(loop, client_settings());
    const auto ask = [&]() -> Task<void> {
        for (int i = 0; i < 1000; ++i) {
            CO_TRY(const auto answer, co_await client.send("POST", "/echo", std::to_string(i), "text/plain", {}, 1000));
            EXPECT_EQ(answer.body, std::to_string(i));
        }
        co_return Result<void>();
    };
    EXPECT_TRUE(complete(loop, ask()));
    EXPECT_TRUE(registry.render().contains("pitstop_tls_handshakes_total{group=\"X25519MLKEM768\"} 1\n"));
}

TEST_F(SecureServer, ANewConnectionResumesTheSession) {
    Client client(loop, client_settings());
    ASSERT_TRUE(complete(loop, client.get("/whoami", {}, 1000)));
    client.close();
    const auto answer = complete(loop, client.get("/whoami", {}, 1000));
    ASSERT_TRUE(answer) << answer.error().str();
    EXPECT_EQ(answer->body, "VIN01 X25519MLKEM768");
    EXPECT_EQ(client.negotiated()->signature, "resumed");
}

TEST_F(SecureServer, AKeptConnectionThatTheServerEndedIsReplaced) {
    Client client(loop, client_settings());
    ASSERT_TRUE(complete(loop, client.get("/whoami", {}, 1000)));
    const auto port = server->port();
    server->stop(1s);
    settings.port = port;
    auto again = Server::start(settings, router, registry);
    ASSERT_TRUE(again) << again.error().str();
    EXPECT_TRUE(complete(loop, client.get("/whoami", {}, 1000)));
    again->stop(0ms);
    EXPECT_TRUE(complete(loop, client.get("/whoami", {}, 1000)).error().is(faults::connect_failed));
}

TEST_F(SecureServer, AServerThatTheAnchorsDoNotVouchForIsNotTrusted) {
    auto wrong = client_settings();
    wrong.tls->trust_anchors = client_identity.certificate_chain;
    Client client(loop, wrong);
    const auto answer = complete(loop, client.get("/whoami", {}, 1000));
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().is(faults::handshake_failed)) << answer.error().str();
}

TEST_F(SecureServer, AClientWithoutACertificateIsRefused) {
    auto nobody = client_settings();
    nobody.tls->certificate_chain.clear();
    nobody.tls->private_key.clear();
    Client client(loop, nobody);
    EXPECT_FALSE(complete(loop, client.get("/whoami", {}, 1000)));
}

TEST_F(SecureServer, AClassicalClientIsRefused) {
    auto classical = client_settings();
    classical.tls->profile = 0;
    classical.tls->allow_classical = tls::AllowClassical::yes;
    Client client(loop, classical);
    EXPECT_TRUE(complete(loop, client.get("/whoami", {}, 1000)).error().is(faults::handshake_failed));
    while (!registry.render().contains("pitstop_tls_handshake_failures_total 1")) std::this_thread::yield();
}

TEST_F(SecureServer, ADownloadArrivesWholeAndIsContinuedWhereItBroke) {
    Client client(loop, client_settings());
    std::string got;
    const Sink keep = [&](View piece) -> Result<void> {
        got += text_of(piece);
        return {};
    };
    EXPECT_EQ(
        complete(
            loop,
            client.download(
                {.path = "/package", .first_byte = 0, .size_bytes_max = 3'000'000, .etag = {}, .headers = {}}, keep)),
        3'000'000u);
    EXPECT_TRUE(got == content);

    constexpr Fault full{"test.disk-full", Remedy::wait, "The disk is full.", "Make room."};
    got.clear();
    const Sink keep_some = [&](View piece) -> Result<void> {
        if (got.size() > 1'000'000) return fail(full);
        return keep(piece);
    };
    EXPECT_TRUE(
        complete(loop,
                 client.download(
                     {.path = "/package", .first_byte = 0, .size_bytes_max = 3'000'000, .etag = {}, .headers = {}},
                     keep_some))
            .error()
            .is(full));
    const auto rest = complete(
        loop,
        client.download(
            {.path = "/package", .first_byte = got.size(), .size_bytes_max = 3'000'000, .etag = "v1", .headers = {}},
            keep));
    ASSERT_TRUE(rest) << rest.error().str();
    EXPECT_TRUE(got == content);
    EXPECT_EQ(
        complete(
            loop,
            client.download(
                {.path = "/package", .first_byte = 3'000'000, .size_bytes_max = 3'000'000, .etag = "v1", .headers = {}},
                keep)),
        0u);
}

TEST_F(SecureServer, ADownloadOfSomethingElseIsNotMixedIn) {
    Client client(loop, client_settings());
    const Sink never = [](View) -> Result<void> {
        ADD_FAILURE() << "bytes of another resource";
        return {};
    };
    const auto changed = complete(
        loop,
        client.download({.path = "/package", .first_byte = 5, .size_bytes_max = 3'000'000, .etag = "v0", .headers = {}},
                        never));
    EXPECT_TRUE(changed.error().is(faults::bad_answer)) << changed.error().str();
    const auto large = complete(
        loop,
        client.download({.path = "/package", .first_byte = 0, .size_bytes_max = 2'999'999, .etag = {}, .headers = {}},
                        never));
    EXPECT_TRUE(large.error().is(faults::answer_too_large)) << large.error().str();
    const auto missing = complete(
        loop,
        client.download({.path = "/none", .first_byte = 0, .size_bytes_max = 10, .etag = {}, .headers = {}}, never));
    EXPECT_TRUE(missing.error().is(faults::status_refused));
    EXPECT_EQ(missing.error().detail(), "status 404 http.no-such-resource");
}

TEST_F(SecureServer, AnUploadIsStreamedAndTold) {
    Client client(loop, client_settings());
    std::uint64_t told = 0;
    const auto path = folder.write("image", content);
    const auto answer =
        complete(loop, client.upload({.method = "PUT",
                                      .path = "/upload?key=right",
                                      .file = path,
                                      .headers = {},
                                      .progress = [&](std::uint64_t done, std::uint64_t) { told = done; }}));
    ASSERT_TRUE(answer) << answer.error().str();
    std::uint64_t sum = 0;
    for (const char c : content) sum += static_cast<std::uint8_t>(c);
    EXPECT_EQ(answer->status, 201u);
    EXPECT_EQ(answer->body, std::format("3000000 {}", sum));
    EXPECT_EQ(told, 3'000'000u);
}

TEST_F(SecureServer, ARefusedUploadSendsNothing) {
    Client client(loop, client_settings());
    const auto path = folder.write("image", content);
    bool sent = false;
    const auto answer = complete(loop, client.upload({.method = "PUT",
                                                      .path = "/upload",
                                                      .file = path,
                                                      .headers = {},
                                                      .progress = [&](std::uint64_t, std::uint64_t) { sent = true; }}));
    ASSERT_TRUE(answer) << answer.error().str();
    EXPECT_EQ(answer->status, 403u);
    EXPECT_FALSE(sent);
    const auto large = folder.write("large", std::string((8 << 20) + 1, 'x'));
    EXPECT_EQ(
        complete(
            loop,
            client.upload({.method = "PUT", .path = "/upload?key=right", .file = large, .headers = {}, .progress = {}}))
            ->status,
        413u);
    EXPECT_TRUE(
        complete(
            loop,
            client.upload({.method = "PUT", .path = "/upload", .file = folder / "none", .headers = {}, .progress = {}}))
            .error()
            .is(faults::file_unreadable));
}

TEST_F(SecureServer, RefusalsSayWhetherToTryAgain) {
    Client client(loop, client_settings());
    const auto no = accepted(*complete(loop, client.get("/no", {}, 5000)));
    EXPECT_TRUE(no.error().is(faults::status_refused));
    EXPECT_EQ(no.error().detail(), "status 403 http.status-refused");
    const auto busy = accepted(*complete(loop, client.get("/busy", {}, 5000)));
    EXPECT_TRUE(busy.error().is(faults::server_busy));
    EXPECT_TRUE(accepted(*complete(loop, client.get("/whoami", {}, 5000))));
}

TEST_F(SecureServer, AnAnswerBeyondTheCallersCapIsNotTaken) {
    Client client(loop, client_settings());
    EXPECT_TRUE(complete(loop, client.get("/package", {}, 100'000)).error().is(faults::answer_too_large));
}

// A server that answers with prepared bytes, whatever it is asked.
class HostileServer : public ::testing::Test {
protected:
    std::uint16_t start(std::vector<std::string> answers) {
        loop.spawn("hostile server", serve(std::move(answers)));
        return acceptor.local_endpoint().port();
    }
    Task<void> serve(std::vector<std::string> answers) {
        for (const auto& answer : answers) {
            auto socket = co_await acceptor.async_accept(boost::asio::use_awaitable);
            std::string heard;
            co_await boost::asio::async_read_until(socket, boost::asio::dynamic_buffer(heard), "\r\n\r\n",
                                                   boost::asio::use_awaitable);
            co_await boost::asio::async_write(socket, boost::asio::buffer(answer), boost::asio::use_awaitable);
            if (answer.empty()) co_await pause(1h);
        }
        co_return Result<void>();
    }
    Result<Answer> ask(std::string answer) {
        const auto port = start({std::move(answer)});
        Client client(loop, {.base_url = std::format("http://127.0.0.1:{}", port),
                             .tls = {},
                             .connect_timeout = 5s,
                             .idle_timeout = 50ms,
                             .headers = {}});
        return complete(loop, client.get("/x", {}, 1000));
    }
    Loop loop;
    tcp::acceptor acceptor{loop.context(), tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)};
};

TEST_F(HostileServer, BytesThatAreNotHttpAreDistrusted) {
    for (const char* bad : {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/3.0 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"}) {
        const auto answer = ask(bad);
        ASSERT_FALSE(answer) << bad;
        EXPECT_TRUE(answer.error().is(faults::bad_answer)) << bad << answer.error().str();
    }
    EXPECT_TRUE(ask("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n").error().is(faults::bad_answer));
}

TEST_F(HostileServer, ABodyThatBreaksOffIsShort) {
    EXPECT_TRUE(ask("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").error().is(faults::short_body));
    EXPECT_TRUE(ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab").error().is(faults::short_body));
    EXPECT_EQ(ask("HTTP/1.1 200 OK\r\n\r\nto the end")->body, "to the end");
    EXPECT_EQ(ask("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")->body, "ok");
}

TEST_F(HostileServer, AnEndlessBodyEndsAtTheCap) {
    EXPECT_TRUE(ask("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x')).error().is(faults::answer_too_large));
    EXPECT_FALSE(ask("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nabc"));
}

TEST_F(HostileServer, SilenceEndsAtTheTimeOut) { EXPECT_TRUE(ask("").error().is(faults::too_slow)); }

TEST_F(HostileServer, AConnectionThatEndsWithoutAnAnswerIsLost) {
    const auto port = acceptor.local_endpoint().port();
    const auto hang_up = [&]() -> Task<void> {
        (void)co_await acceptor.async_accept(boost::asio::use_awaitable);
        co_return Result<void>();
    };
    loop.spawn("hang up", hang_up());
    Client client(loop, {.base_url = std::format("http://127.0.0.1:{}", port), .tls = {}, .headers = {}});
    EXPECT_TRUE(complete(loop, client.get("/x", {}, 1000)).error().is(faults::connection_lost));
}

TEST_F(HostileServer, AnotherRangeThanAskedForIsDistrusted) {
    const char* const wrong[] = {"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-2/10\r\nContent-Length: 3\r\n\r\nabc",
                                 "HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\nabc",
                                 "HTTP/1.1 206 Partial\r\nContent-Range: bytes 7-9/10\r\nContent-Length: 4\r\n\r\nabcd",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"};
    for (const char* answer : wrong) {
        Client client(loop,
                      {.base_url = std::format("http://127.0.0.1:{}", start({answer})), .tls = {}, .headers = {}});
        const auto got = complete(
            loop, client.download({.path = "/x", .first_byte = 7, .size_bytes_max = 10, .etag = {}, .headers = {}},
                                  [](View) -> Result<void> { return {}; }));
        ASSERT_FALSE(got) << answer;
        EXPECT_TRUE(got.error().is(faults::bad_answer)) << answer;
    }
}

TEST(ClientAddress, IsCheckedBeforeAnythingIsSent) {
    Loop loop;
    for (const char* bad :
         {"", "localhost:8443", "ftp://a", "https://", "https://a:b", "https://a@b:1", "https://a:1/x?y"}) {
        Client client(loop, {.base_url = bad, .tls = tls::TlsSettings{}, .headers = {}});
        EXPECT_TRUE(complete(loop, client.get("/", {}, 10)).error().is(faults::bad_url)) << bad;
    }
    Client plain(loop, {.base_url = "http://192.0.2.1:80", .tls = {}, .headers = {}});
    EXPECT_TRUE(complete(loop, plain.get("/", {}, 10)).error().is(faults::plain_needs_loopback));
}

}  // namespace
}  // namespace pitstop::io::http
