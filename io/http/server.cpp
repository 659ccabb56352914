#include "io/http/server.h"

#include "io/http/connection.h"
#include "io/log/log.h"
#include "io/runtime/loop.h"

#include <openssl/ssl.h>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <condition_variable>
#include <format>
#include <list>
#include <mutex>
#include <thread>

namespace pitstop::io::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds sweep_every{100};         // how late a time-out may be noticed
constexpr std::chrono::milliseconds out_of_files_pause{100};  // EMFILE: until others have closed theirs
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::string http_date() {
    return std::format("{:%a, %d %b %Y %T} GMT",
                       std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

Error cannot_listen(const tcp::endpoint& where, const boost::system::error_code& code) {
    const bool taken = code == asio::error::address_in_use;
    return Error(taken ? faults::port_taken : faults::cannot_listen,
                 std::format("{}:{}: {}", where.address().to_string(), where.port(), code.message()));
}

enum class Sharing { alone, with_our_threads };

Result<tcp::acceptor> listen_on(asio::io_context& context, const tcp::endpoint& where, Sharing sharing) {
    tcp::acceptor acceptor(context);
    boost::system::error_code code;
    acceptor.open(where.protocol(), code);
    if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code && sharing == Sharing::with_our_threads) acceptor.set_option(ReusePort(true), code);
    if (!code) acceptor.bind(where, code);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (code) return fail(cannot_listen(where, code));
    return acceptor;
}

}  // namespace

// What all threads share; set up before they start, read-only afterwards but for the atomics.
struct Common {
    ServerLimits limits;
    const Router& router;
    metrics::Registry& registry;
    std::optional<asio::ssl::context> tls;
    metrics::Gauge& open_connections;
    std::atomic<std::size_t> connections{0};
    std::mutex leaving;
    std::condition_variable left;  // said when the last connection has ended

    Common(const ServerLimits& bounds, const Router& routes, metrics::Registry& numbers)
        : limits(bounds),
          router(routes),
          registry(numbers),
          open_connections(numbers.gauge("pitstop_http_connections", "Connections open now.")) {}
};

class Worker {
public:
    explicit Worker(Common& common)
        : common_(common),
          shared_{
              .limits = common.limits,
              .router = common.router,
              .registry = common.registry,
              .request_bytes =
                  common.registry.counter("pitstop_http_request_bytes_total", "Bytes of request bodies received."),
              .response_bytes = common.registry.counter("pitstop_http_response_bytes_total", "Bytes of answers sent."),
              .handshake_failures =
                  common.registry.counter("pitstop_tls_handshake_failures_total", "TLS handshakes that failed."),
              .date = http_date(),
              .file_piece = {}} {
        loop_.on_failure([](std::string_view task, const Error& error) { log::problem(error, task); });
    }

    Result<std::uint16_t> listen(const tcp::endpoint& where) {
        TRY(auto acceptor, listen_on(loop_.context(), where, Sharing::with_our_threads));
        acceptor_.emplace(std::move(acceptor));
        boost::system::error_code code;
        return acceptor_->local_endpoint(code).port();
    }

    void begin() {
        loop_.spawn("http accept", accept());
        loop_.spawn("http sweep", sweep());
        thread_ = std::thread([this] { loop_.run(); });
    }

    // No new connections; each one there ends as soon as it can.
    void wind_down() {
        asio::post(loop_.context(), [this] {
            shared_.stopping = true;
            boost::system::error_code ignored;
            acceptor_->close(ignored);
            for (Connection* one : connections_) one->wind_down();
        });
    }

    void end() {
        loop_.stop();
        if (thread_.joinable()) thread_.join();
    }

private:
    Task<void> accept();
    Task<void> sweep();
    Task<void> serve(tcp::socket socket, Admission admission);

    Common& common_;
    Shared shared_;
    std::list<Connection*> connections_;  // each one's frame owns it; outlives the loop, which destroys the frames
    Loop loop_;
    std::optional<tcp::acceptor> acceptor_;
    std::thread thread_;
};

Task<void> Worker::accept() {
    while (!shared_.stopping) {
        auto [code, socket] = co_await acceptor_->async_accept(asio::as_tuple(asio::use_awaitable));
        if (code == asio::error::operation_aborted) break;
        if (code) {
            log::problem(error_of(code, "accepting a connection"), "http");
            co_await pause(out_of_files_pause);
            continue;
        }
        // A few more than allowed get a handshake, so that they can be told; beyond that there is no time for
        // politeness.
        const std::size_t open = common_.connections.load(std::memory_order_relaxed),
                          allowed = common_.limits.connections_max;
        if (open >= allowed + allowed / 8 + 1) continue;
        loop_.spawn("http connection",
                    serve(std::move(socket), open < allowed ? Admission::welcome : Admission::too_many));
    }
    co_return Result<void>();
}

Task<void> Worker::serve(tcp::socket socket, Admission admission) {
    Connection connection(std::move(socket), common_.tls ? common_.tls->native_handle() : nullptr, shared_, admission);
    struct Presence {
        Worker& worker;
        std::list<Connection*>::iterator place;
        ~Presence() {
            worker.connections_.erase(place);
            worker.common_.open_connections.add(-1);
            if (worker.common_.connections.fetch_sub(1) == 1) {
                const std::scoped_lock lock(worker.common_.leaving);
                worker.common_.left.notify_all();
            }
        }
    } presence{*this, connections_.insert(connections_.end(), &connection)};
    common_.connections.fetch_add(1, std::memory_order_relaxed);
    common_.open_connections.add(1);
    co_return co_await connection.converse();
}

Task<void> Worker::sweep() {
    while (true) {
        co_await pause(sweep_every);
        shared_.date = http_date();
        const auto now = Connection::Clock::now();
        for (Connection* one : connections_) one->sweep(now);
    }
}

struct Server::Inside {
    std::unique_ptr<Common> common;
    std::vector<std::unique_ptr<Worker>> workers;
    std::uint16_t port = 0;

    ~Inside() { end(); }

    Result<void> listen(tcp::endpoint where, std::size_t threads);
    void end() {
        for (auto& worker : workers) worker->end();
        workers.clear();
    }
};

Result<void> Server::Inside::listen(tcp::endpoint where, std::size_t threads) {
    if (where.port() != 0) {
        // SO_REUSEPORT would let a second server share the port in silence.
        asio::io_context probing;
        ENSURE(listen_on(probing, where, Sharing::alone));
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
        workers.push_back(std::make_unique<Worker>(*common));
        TRY(port, workers.back()->listen(where));
        where.port(port);
    }
    return {};
}

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(const ServerSettings& settings, const Router& router, metrics::Registry& registry) {
    boost::system::error_code code;
    const auto address = asio::ip::make_address(settings.address, code);
    if (code) return fail(faults::cannot_listen, std::format("{} is not an IP address", settings.address));
    if (!settings.tls && !address.is_loopback()) return fail(faults::plain_needs_loopback, settings.address);

    auto inside = std::make_unique<Inside>();
    inside->common = std::make_unique<Common>(settings.limits, router, registry);
    if (settings.tls) {
        TRY(inside->common->tls, tls::make_context(tls::Side::server, *settings.tls));
    }
    ENSURE(inside->listen(tcp::endpoint(address, settings.port), settings.threads));
    for (auto& worker : inside->workers) worker->begin();
    return Server(std::move(inside));
}

std::uint16_t Server::port() const { return inside_->port; }

std::size_t Server::connections() const { return inside_->common->connections.load(std::memory_order_relaxed); }

void Server::stop(std::chrono::milliseconds grace) {
    for (auto& worker : inside_->workers) worker->wind_down();
    {
        std::unique_lock lock(inside_->common->leaving);
        inside_->common->left.wait_for(lock, grace, [this] { return connections() == 0; });
    }
    inside_->end();
}

}  // namespace pitstop::io::http
