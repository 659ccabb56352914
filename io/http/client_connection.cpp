#include "io/http/client_connection.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <format>

namespace pitstop::io::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t answer_header_bytes_max = 32 * 1024;

// To a client, a server that breaks HTTP is not a client that asked wrongly.
Error as_answer_fault(const Error& error) {
    const bool malformed =
        error.is(faults::bad_request) || error.is(faults::header_too_large) || error.is(faults::target_too_long);
    return malformed ? Error(faults::bad_answer, error.detail()) : error;
}

Result<void> check_host(const Origin& origin, std::string_view url) {
    const bool clean = origin.host.find_first_of(" \r\n@?#%") == std::string::npos &&
                       origin.prefix.find_first_of(" \r\n?#") == std::string::npos;
    const bool numeric = !origin.port.empty() && origin.port.find_first_not_of("0123456789") == std::string::npos;
    if (origin.host.empty() || !clean || !numeric) return fail(faults::bad_url, url);
    return {};
}

}  // namespace

Result<Origin> Origin::parse(std::string_view url, const std::optional<tls::TlsSettings>& settings) {
    Origin origin;
    origin.secure = url.starts_with("https://");
    if (!origin.secure && !url.starts_with("http://")) return fail(faults::bad_url, url);
    std::string_view rest = url.substr(url.find("//") + 2);
    const auto slash = rest.find('/');
    origin.host_field = rest.substr(0, slash);
    if (slash != std::string_view::npos) origin.prefix = rest.substr(slash);
    while (origin.prefix.ends_with('/')) origin.prefix.pop_back();

    std::string_view authority = origin.host_field;
    const auto colon = authority.rfind(':');
    const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    origin.port = has_port ? std::string(authority.substr(colon + 1)) : (origin.secure ? "443" : "80");
    origin.host = has_port ? authority.substr(0, colon) : authority;
    if (origin.host.starts_with('[') && origin.host.ends_with(']'))
        origin.host = origin.host.substr(1, origin.host.size() - 2);
    ENSURE(check_host(origin, url));

    if (origin.secure) {
        if (!settings) return fail(faults::bad_url, std::format("{}: https needs TLS settings", url));
        TRY(origin.tls, tls::make_context(tls::Side::client, *settings));
        return origin;
    }
    boost::system::error_code code;
    const auto address = asio::ip::make_address(origin.host, code);
    if (origin.host != "localhost" && (code || !address.is_loopback())) return fail(faults::plain_needs_loopback, url);
    return origin;
}

void Origin::remember_session(const ClientConnection& connection) {
    if (connection.tls() == nullptr) return;
    SSL_SESSION* held = SSL_get1_session(connection.tls());
    if (held != nullptr && SSL_SESSION_is_resumable(held) == 1)
        session.reset(held);
    else
        SSL_SESSION_free(held);
}

ClientConnection::ClientConnection(tcp::socket socket, SSL_CTX* context)
    : transport_(std::move(socket), context, Role::client),
      incoming_(transport_, answer_header_bytes_max) {}

Task<std::unique_ptr<ClientConnection>> ClientConnection::open(const Origin& origin, const ClientSettings& settings) {
    const auto executor = co_await asio::this_coro::executor;
    boost::system::error_code code;
    tcp::resolver resolver(executor);
    const auto places =
        co_await resolver.async_resolve(origin.host, origin.port, asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return fail(faults::connect_failed, std::format("{}: {}", origin.host, code.message()));
    tcp::socket socket(executor);
    co_await asio::async_connect(socket, places, asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return fail(faults::connect_failed, std::format("{}: {}", origin.host_field, code.message()));

    SSL_CTX* context = origin.tls ? const_cast<asio::ssl::context&>(*origin.tls).native_handle() : nullptr;
    auto connection = std::make_unique<ClientConnection>(std::move(socket), context);
    connection->transport_.be_patient_for(settings.idle_timeout);
    if (context != nullptr) CO_ENSURE(co_await connection->agree(origin, settings));
    co_return connection;
}

Task<void> ClientConnection::agree(const Origin& origin, const ClientSettings& settings) {
    SSL* const tls = transport_.tls();
    CO_ENSURE(tls::verify_host(tls, origin.host));
    if (origin.session) SSL_set_session(tls, origin.session.get());
    CO_ENSURE(co_await transport_.handshake());
    negotiated_ = tls::negotiated(tls);
    CO_TRY(const auto profile, tls::find_profile(settings.tls->profile, settings.tls->allow_classical));
    co_return tls::check_negotiated(profile, settings.tls->hybrid, *negotiated_);
}

Task<void> ClientConnection::read_one_head(Answer& answer, std::string_view method) {
    incoming_.begin(answer.headers);
    if (method == "HEAD") incoming_.expect_no_body();
    auto began = co_await incoming_.something();
    if (!began) co_return fail(began.error());
    if (!*began) co_return fail(faults::connection_lost, "the server ended the connection");
    answer_began_ = true;
    if (auto whole = co_await incoming_.header(); !whole) co_return fail(as_answer_fault(whole.error()));
    answer.status = incoming_.message().status;
    co_return Result<void>();
}

Task<bool> ClientConnection::is_invited(Answer& answer) {
    do CO_ENSURE(co_await read_one_head(answer, {}));
    while (answer.status > 100 && answer.status < 200);
    has_answer_ = answer.status != 100;
    co_return !has_answer_;
}

Task<void> ClientConnection::read_head(Answer& answer, std::string_view method) {
    if (std::exchange(has_answer_, false)) co_return Result<void>();
    answer_began_ = false;
    do CO_ENSURE(co_await read_one_head(answer, method));
    while (answer.status < 200);
    co_return Result<void>();
}

Task<std::size_t> ClientConnection::read_body(Room room) {
    auto got = co_await incoming_.body(room);
    if (got) co_return got;
    if (got.error().is(faults::connection_lost)) co_return fail(faults::short_body, got.error().detail());
    co_return fail(as_answer_fault(got.error()));
}

bool ClientConnection::may_be_kept() const { return incoming_.complete() && incoming_.message().keep_alive(); }

std::optional<std::uint64_t> ClientConnection::announced_bytes() const {
    const auto length = incoming_.message().content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

}  // namespace pitstop::io::http
