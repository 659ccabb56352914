#include "io/ethernet/doip_server.h"

#include "core/doip/discovery.h"
#include "io/ethernet/doip_connection.h"
#include "io/ethernet/faults.h"
#include "io/log/log.h"
#include "io/runtime/signal.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <format>
#include <list>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

namespace {

// Beyond connections_max a few are still let in, to be told so (routing activation code 0x01); the rest are cut off.
constexpr std::size_t turned_away_max = 4;
constexpr std::chrono::milliseconds pause_after_failed_accept{100};  // no descriptors left: others must close first
constexpr int free_port_tries_max = 16;

}  // namespace

struct DoipServer::Inside final : Connections, std::enable_shared_from_this<Inside> {
    Inside(Loop& on_loop, DoipServerSettings with, DiagnosticTarget& to)
        : loop(on_loop),
          settings(std::move(with)),
          target(to),
          acceptor(on_loop.context()),
          datagrams(on_loop.context()),
          some_changed(on_loop) {}

    Result<void> open();
    boost::system::error_code try_open(const asio::ip::address& address, std::uint16_t port);
    Task<void> accept();
    Task<void> serve(std::shared_ptr<DoipConnection> connection);
    Task<void> answer_datagrams();
    void close();

    asio::awaitable<doip::Registration> find_out(const DoipConnection& asking, std::uint16_t source) override;
    void changed() override { some_changed.notify(); }
    [[nodiscard]] std::shared_ptr<DoipConnection> other_with(const DoipConnection& asking, std::uint16_t source) const;
    [[nodiscard]] doip::DiscoveryState state() const;

    Loop& loop;
    DoipServerSettings settings;
    DiagnosticTarget& target;
    tcp::acceptor acceptor;
    udp::socket datagrams;
    Signal some_changed;
    std::list<std::shared_ptr<DoipConnection>> connections;
    bool closed = false;
};

Result<void> DoipServer::Inside::open() {
    boost::system::error_code code;
    const auto address = asio::ip::make_address(settings.host, code);
    if (code) return fail(faults::bad_address, settings.host);
    // A free TCP port may be taken on UDP: then another one.
    int tries = settings.port == 0 ? free_port_tries_max : 1;
    do code = try_open(address, settings.port);
    while (code && --tries > 0);
    if (code)
        return fail(faults::listen_failed, std::format("{}:{}: {}", settings.host, settings.port, code.message()));
    return {};
}

boost::system::error_code DoipServer::Inside::try_open(const asio::ip::address& address, std::uint16_t port) {
    boost::system::error_code code, ignored;
    acceptor.close(ignored);
    datagrams.close(ignored);
    const tcp::endpoint endpoint(address, port);
    if (acceptor.open(endpoint.protocol(), code)) return code;
    acceptor.set_option(tcp::acceptor::reuse_address(true), ignored);  // a restarted ECU must not wait for TIME_WAIT
    if (acceptor.bind(endpoint, code)) return code;
    if (acceptor.listen(asio::socket_base::max_listen_connections, code)) return code;
    if (settings.discovery == Discovery::off) return code;
    const udp::endpoint udp_endpoint(address, acceptor.local_endpoint(ignored).port());
    if (datagrams.open(udp_endpoint.protocol(), code)) return code;
    datagrams.bind(udp_endpoint, code);
    return code;
}

Task<void> DoipServer::Inside::accept() {
    const auto self = shared_from_this();
    while (!closed) {
        auto [code, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
        if (closed || code == asio::error::operation_aborted) break;
        if (code) {
            log::warning("DoIP {}:{}: a connection could not be taken: {}", settings.host, settings.port,
                         code.message());
            co_await pause(pause_after_failed_accept);
            continue;
        }
        if (connections.size() >= settings.connections_max + turned_away_max) continue;  // the socket closes itself
        const doip::EntitySettings entity{.address = settings.identity.address};
        auto connection = std::make_shared<DoipConnection>(loop, std::move(socket), entity, target, *this);
        connections.push_back(connection);
        loop.spawn("DoIP connection", serve(std::move(connection)));
    }
    co_return Result<void>{};
}

Task<void> DoipServer::Inside::serve(std::shared_ptr<DoipConnection> connection) {
    // However serve() ends, cancelled too, the list must not keep what is over.
    struct Listed {
        std::shared_ptr<Inside> inside;
        std::shared_ptr<DoipConnection> which;
        ~Listed() {
            inside->connections.remove(which);
            inside->changed();
        }
    };
    const Listed listed{shared_from_this(), connection};
    co_await connection->serve();
    co_return Result<void>{};
}

std::shared_ptr<DoipConnection> DoipServer::Inside::other_with(const DoipConnection& asking,
                                                               std::uint16_t source) const {
    const auto found = std::ranges::find_if(connections, [&](const auto& other) {
        return other.get() != &asking && other->is_open() && other->source() == source;
    });
    return found == connections.end() ? nullptr : *found;
}

// The standard's alive check: whoever holds the address is asked whether it lives; its own watch closes it when it does
// not answer.
asio::awaitable<doip::Registration> DoipServer::Inside::find_out(const DoipConnection& asking, std::uint16_t source) {
    if (connections.size() > settings.connections_max) co_return doip::Registration::no_socket_left;
    while (const auto other = other_with(asking, source)) {
        other->check_alive();
        while (other->is_open() && other->is_checking_alive()) co_await some_changed.wait();
        if (other->is_open()) co_return doip::Registration::active_elsewhere;
    }
    co_return doip::Registration::free;
}

doip::DiscoveryState DoipServer::Inside::state() const {
    const auto open = static_cast<std::uint8_t>(std::min<std::size_t>(connections.size(), settings.connections_max));
    return {settings.identity, {settings.node_type, settings.connections_max, open, doip::data_size_bytes_max}};
}

Task<void> DoipServer::Inside::answer_datagrams() {
    const auto self = shared_from_this();
    std::array<std::uint8_t, 512>
        storage;  // the longest request has 25 bytes; longer datagrams are cut and then refused
    while (!closed) {
        udp::endpoint sender;
        const auto [code, size_bytes] =
            co_await datagrams.async_receive_from(asio::buffer(storage), sender, asio::as_tuple(asio::use_awaitable));
        if (closed) break;
        if (code) continue;  // the echo of a peer that went away
        const auto answer = doip::answer_datagram(View(storage).first(size_bytes), state());
        if (!answer) continue;
        boost::system::error_code ignored;
        datagrams.send_to(asio::buffer(answer->view().data(), answer->view().size()), sender, 0, ignored);
    }
    co_return Result<void>{};
}

void DoipServer::Inside::close() {
    closed = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    datagrams.close(ignored);
    for (const auto& connection : connections) connection->close();
}

Result<std::unique_ptr<DoipServer>> DoipServer::listen(Loop& loop, DoipServerSettings settings,
                                                       DiagnosticTarget& target) {
    auto inside = std::make_shared<Inside>(loop, std::move(settings), target);
    ENSURE(inside->open());
    loop.spawn("DoIP listener", inside->accept());
    if (inside->datagrams.is_open()) loop.spawn("DoIP discovery", inside->answer_datagrams());
    return std::unique_ptr<DoipServer>(new DoipServer(std::move(inside)));
}

DoipServer::DoipServer(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}

DoipServer::~DoipServer() { inside_->close(); }

std::uint16_t DoipServer::port() const {
    boost::system::error_code ignored;
    return inside_->acceptor.local_endpoint(ignored).port();
}

void DoipServer::close_connections() {
    for (const auto& connection : inside_->connections) connection->end_when_sent();
}

}  // namespace pitstop::io::ethernet
