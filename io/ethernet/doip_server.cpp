#include "io/ethernet/doip_server.h"

#include "core/doip/discovery.h"
#include "io/ethernet/doip_sockets.h"
#include "io/ethernet/faults.h"
#include "io/log/log.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds pause_after_failed_accept{100};  // no descriptors left: others must close first
constexpr int free_port_tries_max = 16;

std::uint16_t port_of(const tcp::acceptor& acceptor) {
    boost::system::error_code code;
    const auto endpoint = acceptor.local_endpoint(code);
    return code ? 0 : endpoint.port();
}

boost::system::error_code open_at(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    boost::system::error_code code, ignored;
    acceptor.close(ignored);
    if (acceptor.open(endpoint.protocol(), code)) return code;
    acceptor.set_option(tcp::acceptor::reuse_address(true), ignored);  // a restarted ECU must not wait for TIME_WAIT
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), ignored);
    if (acceptor.bind(endpoint, code)) return code;
    acceptor.listen(asio::socket_base::max_listen_connections, code);
    return code;
}

}  // namespace

struct DoipServer::Inside final : std::enable_shared_from_this<Inside> {
    Inside(Loop& on_loop, DoipServerSettings with, DiagnosticTarget& to, doip::RoutingPolicy* decides)
        : loop(on_loop),
          settings(std::move(with)),
          target(to),
          policy(decides != nullptr ? *decides : settings.routing.rules),
          plain(on_loop.context()),
          secured(on_loop.context()),
          datagrams(std::make_shared<DoipDatagrams>(on_loop, [this] { return state(); })),
          sockets(on_loop, settings.connections_max) {}

    Result<void> open();
    boost::system::error_code try_open(const asio::ip::address& address);
    Task<void> accept(tcp::acceptor& acceptor, std::shared_ptr<DoipTls> with);
    Task<void> serve(std::shared_ptr<DoipConnection> connection);
    [[nodiscard]] std::uint32_t data_size_bytes_max() const;
    [[nodiscard]] DoipConnectionSettings connection_settings() const;
    [[nodiscard]] doip::DiscoveryState state() const;
    void start();
    void close();

    Loop& loop;
    DoipServerSettings settings;
    DiagnosticTarget& target;
    doip::RoutingPolicy& policy;
    tcp::acceptor plain, secured;
    std::shared_ptr<DoipTls> tls;
    std::shared_ptr<DoipDatagrams> datagrams;
    DoipSockets sockets;
    bool closed = false, paused = false;
};

Result<void> DoipServer::Inside::open() {
    boost::system::error_code code;
    const auto address = asio::ip::make_address(settings.host, code);
    if (code) return fail(faults::bad_address, settings.host);
    if (settings.announcing && !settings.announcing->to.empty()) {
        asio::ip::make_address(settings.announcing->to, code);
        if (code) return fail(faults::bad_address, settings.announcing->to);
    }
    // A free TCP port may be taken on UDP: then another one.
    int tries = settings.port == 0 ? free_port_tries_max : 1;
    do code = try_open(address);
    while (code && --tries > 0);
    if (code)
        return fail(faults::listen_failed, std::format("{}:{}: {}", settings.host, settings.port, code.message()));
    if (!settings.tls) return {};
    TRY(tls, DoipTls::make(tls::Side::server, settings.tls->settings));
    if (open_at(secured, {address, settings.tls->port}))
        return fail(faults::listen_failed, std::format("{}:{}: {}", settings.host, settings.tls->port, "for TLS"));
    return {};
}

boost::system::error_code DoipServer::Inside::try_open(const asio::ip::address& address) {
    std::uint16_t port = settings.port;
    if (settings.plain != PlainDoip::off) {
        if (const auto code = open_at(plain, {address, port})) return code;
        port = port_of(plain);
    }
    if (settings.discovery == Discovery::off) return {};
    return datagrams->open(address, port);
}

void DoipServer::Inside::start() {
    if (plain.is_open()) loop.spawn("DoIP listener", accept(plain, nullptr));
    if (secured.is_open()) loop.spawn("DoIP listener with TLS", accept(secured, tls));
    if (settings.discovery == Discovery::on) datagrams->start(settings.announcing);
}

std::uint32_t DoipServer::Inside::data_size_bytes_max() const {
    return std::min(doip::data_size_bytes_max, settings.request_bytes_max + doip::addresses_size_bytes);
}

DoipConnectionSettings DoipServer::Inside::connection_settings() const {
    doip::EntitySettings entity{.address = settings.identity.address};
    entity.echo_bytes = settings.routing.echo_bytes;
    if (settings.plain != PlainDoip::served) entity.plain = doip::PlainRouting::needs_tls;
    return {entity, data_size_bytes_max(), settings.routing.confirms_after};
}

Task<void> DoipServer::Inside::accept(tcp::acceptor& acceptor, std::shared_ptr<DoipTls> with) {
    const auto self = shared_from_this();
    while (!closed) {
        auto [code, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
        if (closed || code == asio::error::operation_aborted) break;
        if (code) {
            log::warning("DoIP {}: a connection could not be taken: {}", settings.host, code.message());
            co_await io::pause(pause_after_failed_accept);
            continue;
        }
        if (paused) {
            socket.close(code);
            continue;
        }
        auto connection =
            std::make_shared<DoipConnection>(loop, DoipStream(std::move(socket), with), connection_settings(),
                                             DoipSurroundings{target, policy, sockets});
        sockets.add(connection);
        loop.spawn("DoIP connection", serve(std::move(connection)));
    }
    co_return Result<void>{};
}

Task<void> DoipServer::Inside::serve(std::shared_ptr<DoipConnection> connection) {
    // However serve() ends, cancelled too, the table must not keep what is over.
    struct Listed {
        std::shared_ptr<Inside> inside;
        std::shared_ptr<DoipConnection> which;
        ~Listed() { inside->sockets.remove(which); }
    };
    const Listed listed{shared_from_this(), connection};
    co_await connection->serve();
    co_return Result<void>{};
}

doip::DiscoveryState DoipServer::Inside::state() const {
    const auto open = static_cast<std::uint8_t>(std::min<std::size_t>(sockets.open(), settings.connections_max));
    return {.identity = settings.identity,
            .status = {settings.node_type, settings.connections_max, open, data_size_bytes_max()},
            .power_mode = target.power_mode(),
            .further_action = policy.supports(doip::ActivationType::central_security)
                                  ? doip::FurtherAction::central_security
                                  : doip::FurtherAction::none};
}

void DoipServer::Inside::close() {
    closed = true;
    boost::system::error_code ignored;
    plain.close(ignored);
    secured.close(ignored);
    datagrams->close();
    for (const auto& connection : std::vector(sockets.all().begin(), sockets.all().end())) connection->close();
}

Result<std::unique_ptr<DoipServer>> DoipServer::listen(Loop& loop, DoipServerSettings settings,
                                                       DiagnosticTarget& target, doip::RoutingPolicy* policy) {
    auto inside = std::make_shared<Inside>(loop, std::move(settings), target, policy);
    ENSURE(inside->open());
    inside->start();
    return std::unique_ptr<DoipServer>(new DoipServer(std::move(inside)));
}

DoipServer::DoipServer(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}

DoipServer::~DoipServer() { inside_->close(); }

std::uint16_t DoipServer::port() const { return port_of(inside_->plain); }

std::uint16_t DoipServer::port_over_tls() const { return port_of(inside_->secured); }

void DoipServer::confirm(doip::Confirmation confirmation) {
    const auto& all = inside_->sockets.all();
    for (const auto& connection : std::vector(all.begin(), all.end()))
        if (connection->awaits_confirmation()) connection->confirm(confirmation);
}

void DoipServer::pause() {
    inside_->paused = true;
    inside_->datagrams->pause();
    const auto& all = inside_->sockets.all();
    for (const auto& connection : std::vector(all.begin(), all.end())) connection->end_when_sent();
}

void DoipServer::resume() {
    inside_->paused = false;
    inside_->datagrams->resume();
}

}  // namespace pitstop::io::ethernet
