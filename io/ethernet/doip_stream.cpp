#include "io/ethernet/doip_stream.h"

#include "io/ethernet/faults.h"
#include "io/log/log.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <format>
#include <tuple>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds goodbye_limit{1};  // for a peer that does not answer close_notify

}  // namespace

Result<std::shared_ptr<DoipTls>> DoipTls::make(tls::Side side, const tls::TlsSettings& settings) {
    TRY(const tls::Profile profile, tls::find_profile(settings.profile, settings.allow_classical));
    TRY(auto context, tls::make_context(side, settings));
    return std::make_shared<DoipTls>(DoipTls{std::move(context), profile, side, settings.hybrid});
}

DoipStream::DoipStream(tcp::socket socket, std::shared_ptr<DoipTls> tls)
    : tls_(std::move(tls)),
      stream_(tls_ ? std::variant<Tcp, Tls>(std::in_place_type<Tls>, std::move(socket), tls_->context)
                   : std::variant<Tcp, Tls>(std::in_place_type<Tcp>, std::move(socket))) {
    boost::system::error_code ignored;
    this->socket().set_option(tcp::no_delay(true), ignored);
    if (!tls_) this->socket().non_blocking(true, ignored);
}

tcp::socket& DoipStream::socket() {
    auto* const tls = std::get_if<Tls>(&stream_);
    return tls != nullptr ? tls->next_layer() : std::get<Tcp>(stream_);
}

const tcp::socket& DoipStream::socket() const {
    const auto* const tls = std::get_if<Tls>(&stream_);
    return tls != nullptr ? tls->next_layer() : std::get<Tcp>(stream_);
}

std::string DoipStream::peer_name() const {
    boost::system::error_code code;
    const auto peer = socket().remote_endpoint(code);
    return code ? "a peer that has gone" : std::format("{}:{}", peer.address().to_string(), peer.port());
}

Task<void> DoipStream::secure(const std::string& host) {
    if (!tls_) co_return Result<void>{};
    auto& stream = std::get<Tls>(stream_);
    const bool client = tls_->side == tls::Side::client;
    if (client) CO_ENSURE(tls::verify_host(stream.native_handle(), host));
    const auto [code] = co_await stream.async_handshake(
        client ? asio::ssl::stream_base::client : asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable));
    if (code)
        co_return fail(faults::tls_failed,
                       std::format("{}: {}", peer_name(), tls::why_failed(stream.native_handle(), code.message())));
    const auto agreed = tls::negotiated(stream.native_handle());
    CO_ENSURE(tls::check_negotiated(tls_->profile, tls_->hybrid, agreed));
    log::info("DoIP over TLS with {}: {}, {}, {}", peer_name(), agreed.group, agreed.signature, agreed.cipher);
    co_return Result<void>{};
}

bool DoipStream::peer_showed_certificate() const {
    const auto* const stream = std::get_if<Tls>(&stream_);
    return stream != nullptr && tls::peer_common_name(const_cast<Tls*>(stream)->native_handle()).has_value();
}

asio::awaitable<DoipStream::Read> DoipStream::read_some(Room room) {
    const auto buffer = asio::buffer(room.data(), room.size());
    Read read;
    if (auto* const plain = std::get_if<Tcp>(&stream_))
        std::tie(read.code, read.size_bytes) =
            co_await plain->async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    else
        std::tie(read.code, read.size_bytes) =
            co_await std::get<Tls>(stream_).async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    co_return read;
}

std::size_t DoipStream::write_now(const Parts& parts, boost::system::error_code& code) {
    code = {};
    auto* const plain = std::get_if<Tcp>(&stream_);
    if (plain == nullptr) return 0;
    const std::size_t sent_bytes = plain->write_some(parts, code);
    if (code == asio::error::would_block) code = {};
    return sent_bytes;
}

void DoipStream::write(const Parts& parts, OnEnd on_end) {
    const auto ended = [told = std::move(on_end)](const boost::system::error_code& code, std::size_t) { told(code); };
    if (auto* const plain = std::get_if<Tcp>(&stream_))
        asio::async_write(*plain, parts, ended);
    else
        asio::async_write(std::get<Tls>(stream_), parts, ended);
}

asio::awaitable<boost::system::error_code> DoipStream::write(const Parts& parts, std::chrono::milliseconds limit) {
    const auto token = asio::cancel_after(limit, asio::as_tuple(asio::use_awaitable));
    boost::system::error_code code;
    if (auto* const plain = std::get_if<Tcp>(&stream_))
        code = std::get<0>(co_await asio::async_write(*plain, parts, token));
    else
        code = std::get<0>(co_await asio::async_write(std::get<Tls>(stream_), parts, token));
    co_return code;
}

void DoipStream::end(OnEnd on_end) {
    if (!is_open()) return on_end({});
    if (auto* const stream = std::get_if<Tls>(&stream_))
        return stream->async_shutdown(asio::cancel_after(goodbye_limit, std::move(on_end)));
    boost::system::error_code code;
    socket().shutdown(tcp::socket::shutdown_send, code);
    on_end(code);
}

void DoipStream::close() {
    boost::system::error_code ignored;
    socket().shutdown(tcp::socket::shutdown_both, ignored);
    socket().close(ignored);
}

bool DoipStream::is_open() const { return socket().is_open(); }

}  // namespace pitstop::io::ethernet
