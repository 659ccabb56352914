// Asks a server over mutual TLS 1.3 and keeps connections for the next question.
//
//     Client client(loop, {.base_url = "https://localhost:8443", .tls = tls});
//     CO_TRY(auto answer, co_await client.get("/repo/timestamp.json", {}, 64 * 1024));
//     if (answer.status == 404) ...                                  // "not there" is an answer
//     CO_TRY(answer, accepted(std::move(answer)));                   // anything but 2xx becomes a fault
//
// One client belongs to one loop and ends before it; several tasks may ask at once. Whether to try again is the
// caller's choice by remedy: http.connect-failed, http.handshake-failed, http.connection-lost, http.short-body,
// http.server-busy, http.too-slow: retry; http.status-refused: refuse; http.bad-answer, http.answer-too-large:
// distrust. The one thing repeated here is a question that a kept connection swallowed because the server had just
// closed it (RFC 9112 section 9.3.1, not for POST).
#pragma once

#include "io/http/message.h"
#include "io/runtime/loop.h"
#include "io/tls/context.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::http {

struct ClientSettings {
    std::string base_url;                 // https://host[:port][/prefix]; http:// for loopback addresses only
    std::optional<tls::TlsSettings> tls;  // needed for https
    std::chrono::milliseconds connect_timeout{10'000};  // name, TCP and TLS together
    std::chrono::milliseconds idle_timeout{30'000};     // without any byte from or to the server
    Headers headers;                                    // sent with every request, e.g. Authorization
};

struct Answer {
    unsigned status = 0;
    Headers headers;
    std::string body;

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

// 2xx as it is; 408, 429 and 5xx become http.server-busy, all else http.status-refused. The detail carries the server's
// fault code.
[[nodiscard]] Result<Answer> accepted(Answer answer);

using Sink = std::function<Result<void>(View piece)>;  // an error of it ends the transfer
using Progress = std::function<void(std::uint64_t done_bytes, std::uint64_t of_bytes)>;

struct Upload {
    std::string method = "PUT";
    std::string path;
    std::filesystem::path file;
    std::string content_type = "application/octet-stream";
    Headers headers;
    std::size_t answer_bytes_max = 64 * 1024;
    Progress progress;
};

struct Download {
    std::string path;
    std::uint64_t first_byte = 0;  // > 0: continue there, by Range
    std::uint64_t size_bytes_max;  // of the whole resource; more is http.answer-too-large
    std::string etag;              // of what was received before: a changed resource is http.bad-answer, never mixed
    Headers headers;
};

class Client {
public:
    Client(Loop& loop, ClientSettings settings);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] Task<Answer> get(std::string path, Headers headers, std::size_t answer_bytes_max);
    [[nodiscard]] Task<Answer> send(std::string method, std::string path, std::string body, std::string content_type,
                                    Headers headers, std::size_t answer_bytes_max);
    [[nodiscard]] Task<Answer> upload(Upload upload);

    // Gives the bytes received now; 0 when there was nothing after first_byte. Every piece went to the sink in order,
    // also those before an error: what the sink got is valid to resume from.
    [[nodiscard]] Task<std::uint64_t> download(Download download, Sink sink);

    // What the newest connection agreed on; nothing before the first one.
    [[nodiscard]] const std::optional<tls::Negotiated>& negotiated() const;

    void close();  // ends kept connections; the next question opens a new one

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace pitstop::io::http
