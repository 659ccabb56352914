// The server's side of one connection: request after request, until one of both sides ends it.
//
// Bring a connected socket and what all connections of a thread share. converse() runs on that thread; sweep() and
// wind_down() are called from the same thread while converse() waits. Only for the .cpp files of this room.
#pragma once

#include "io/http/incoming.h"
#include "io/http/router.h"
#include "io/http/server.h"
#include "io/metrics/metrics.h"

#include <array>
#include <chrono>
#include <string>

namespace pitstop::io::http {

// What the connections of one thread share; only that thread touches it, but for the metrics.
struct Shared {
    const ServerLimits& limits;
    const Router& router;
    metrics::Registry& registry;
    metrics::Counter& request_bytes;
    metrics::Counter& response_bytes;
    metrics::Counter& handshake_failures;
    std::array<metrics::Counter*, 600> requests{};  // by status, registered when first met
    std::string date;                               // of this second, as a header value
    Bytes file_piece;                               // from pread to TLS without a wait between, so one is enough
    bool stopping = false;
};

enum class Admission { welcome, too_many };  // too_many: is told so, once, and let go

class Connection final : public BodyReader {
public:
    using Clock = std::chrono::steady_clock;

    Connection(boost::asio::ip::tcp::socket socket, SSL_CTX* context, Shared& shared, Admission admission);
    ~Connection() override;

    [[nodiscard]] Task<void> converse();
    void sweep(Clock::time_point now);  // ends a wait whose time is over
    void wind_down();                   // the server stops: ends at once if idle, otherwise after the answer

    [[nodiscard]] Task<std::size_t> read(Room room) override;
    [[nodiscard]] std::optional<std::uint64_t> announced_bytes() const override;

private:
    enum class Stage { handshake, idle, header, body, handler, answer, ending };

    void enter(Stage stage);
    [[nodiscard]] Task<void> greet();
    [[nodiscard]] Task<bool> read_request();
    [[nodiscard]] Result<void> check_request();
    [[nodiscard]] boost::asio::awaitable<Response> answer();
    [[nodiscard]] boost::asio::awaitable<Response> call(const Router::Route& route);
    [[nodiscard]] Task<std::size_t> read_piece(Room room);
    [[nodiscard]] Task<void> read_whole_body();
    [[nodiscard]] Task<void> skip_rest_of_body();
    [[nodiscard]] Task<void> send(Response response);
    [[nodiscard]] Task<void> send_text(const Response& response, std::string_view body);
    [[nodiscard]] Task<void> send_file(Response& response, const FileRegion& region);
    [[nodiscard]] Task<void> send_bytes(int descriptor, std::uint64_t first, std::uint64_t count);
    [[nodiscard]] Task<void> say_why_and_end(const Error& error);
    [[nodiscard]] Task<void> linger();
    void put_head(const Response& response, std::uint64_t content_bytes);
    void count(unsigned status);

    Shared& shared_;
    Transport transport_;
    Incoming<true> incoming_;
    Request request_;
    std::string head_;  // reused from answer to answer
    Clock::time_point deadline_ = Clock::time_point::max();
    Stage stage_ = Stage::handshake;
    Admission admission_;
    std::uint64_t body_bytes_ = 0, body_bytes_max_ = 0;
    bool close_after_ = false;
    bool owes_continue_ = false;  // the client waits for 100 before it sends its body
};

}  // namespace pitstop::io::http
