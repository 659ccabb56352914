// HTTP/1.1 over TLS 1.3: N threads, each with its own loop and its own listening socket.
//
// Bring settings, a finished Router (it must outlive the server) and a registry for metrics. The server runs from
// start() until stop() or its end. Requests are answered one after the other on each connection; a body that a file
// holds is sent from the file, piece by piece. Stop the server before the loops that its handlers use.
//
// Metrics: pitstop_http_requests_total{status}, _request_bytes_total, _response_bytes_total, _connections,
// pitstop_tls_handshakes_total{group}, pitstop_tls_handshake_failures_total.
#pragma once

#include "io/http/router.h"
#include "io/metrics/metrics.h"
#include "io/tls/context.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::http {

// Every one is a bound that a stranger meets; each default says why it is enough.
struct ServerLimits {
    std::size_t header_bytes_max = 16 * 1024;  // request line and fields: ten times what our clients send
    std::size_t target_bytes_max = 4 * 1024;   // the longest address of the API has 300 characters
    std::size_t connections_max = 10'000;      // about 50 KiB each: half a gigabyte
    std::chrono::milliseconds handshake_timeout{10'000};
    std::chrono::milliseconds header_timeout{10'000};  // from a request's first byte to its header's end
    std::chrono::milliseconds idle_timeout{
        75'000};  // between requests; a handshake costs 20-100 requests, so it is long
    std::chrono::milliseconds body_timeout{30'000};  // for a whole small body; for each piece of a streamed one
    std::chrono::milliseconds write_timeout{
        30'000};  // for each 128 KiB of an answer: 4 KiB/s is the slowest link served
};

struct ServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443;  // 0: any free one; port() tells
    std::size_t threads = 2;
    std::optional<tls::TlsSettings> tls;  // nothing: plain, which is allowed on loopback addresses only (metrics)
    ServerLimits limits;
};

class Server {
public:
    // http.port-taken, http.cannot-listen, http.plain-needs-loopback, and the faults of tls::make_context.
    static Result<Server> start(const ServerSettings& settings, const Router& router, metrics::Registry& registry);

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();  // stops at once

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t connections() const;

    // Takes no new connections, ends idle ones, lets running requests finish until the grace is over, then cuts them.
    // Blocks; from any thread but the server's own.
    void stop(std::chrono::milliseconds grace);

private:
    struct Inside;
    explicit Server(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace pitstop::io::http
