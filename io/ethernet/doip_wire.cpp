#include "io/ethernet/doip_wire.h"

#include "io/ethernet/faults.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t storage_size_bytes = doip::header_size_bytes + doip::data_size_bytes_max;
constexpr std::chrono::seconds activation_send_limit{10};

}  // namespace

DoipWire::DoipWire(Loop& loop)
    : storage_(std::make_unique_for_overwrite<std::uint8_t[]>(storage_size_bytes)),
      reader_({storage_.get(), storage_size_bytes}, doip::Listener::tester_tcp),
      sent_(loop) {}

Task<void> DoipWire::open(std::string host, std::uint16_t port, doip::Tester tester, std::shared_ptr<DoipTls> tls) {
    const auto self = shared_from_this();  // a name that is being looked up outlasts its time-out
    name_ = std::format("{}:{}", host, port);
    tcp::socket socket(co_await asio::this_coro::executor);
    tcp::resolver resolver(socket.get_executor());
    const auto [unresolved, endpoints] =
        co_await resolver.async_resolve(host, std::to_string(port), asio::as_tuple(asio::use_awaitable));
    if (unresolved) co_return fail(faults::connect_failed, std::format("{}: {}", name_, unresolved.message()));
    const auto [code, endpoint] = co_await asio::async_connect(socket, endpoints, asio::as_tuple(asio::use_awaitable));
    if (code) co_return fail(faults::connect_failed, std::format("{}: {}", name_, code.message()));
    stream_.emplace(std::move(socket), std::move(tls));
    CO_ENSURE(co_await stream_->secure(host));
    co_return co_await activate(tester);
}

Task<void> DoipWire::activate(doip::Tester tester) {
    const auto request = tester.activation_request();
    CO_ENSURE(co_await write(request.view(), {}, activation_send_limit));
    while (true) {
        while (const auto item = next()) {
            const auto heard = tester.on_item(*item);
            if (std::holds_alternative<doip::Activated>(heard)) co_return Result<void>{};
            if (const auto* refused = std::get_if<doip::NotActivated>(&heard)) co_return fail(refused->error);
            if (const auto* broken = std::get_if<doip::Broken>(&heard)) co_return fail(broken->error);
            if (const auto* alive = std::get_if<doip::Reply>(&heard))
                CO_ENSURE(co_await write(alive->packet.view(), {}, activation_send_limit));
        }
        CO_ENSURE(co_await fill());
    }
}

Task<void> DoipWire::fill() {
    const auto self = shared_from_this();
    const auto read = co_await stream_->read_some(reader_.prepare());
    if (read.code) co_return fail(faults::connection_lost, std::format("{}: {}", name_, read.code.message()));
    reader_.commit(read.size_bytes);
    co_return Result<void>{};
}

Task<void> DoipWire::send(doip::DiagnosticPrefix prefix, View uds, std::chrono::milliseconds limit) {
    co_return co_await write(prefix, uds, limit);
}

Task<void> DoipWire::send_packet(doip::Packet packet, std::chrono::milliseconds limit) {
    co_return co_await write(packet.view(), {}, limit);
}

Task<void> DoipWire::write(View head, View body, std::chrono::milliseconds limit) {
    const auto self = shared_from_this();
    while (sending_) co_await sent_.wait();
    if (!is_open()) co_return fail(faults::connection_lost, name_);
    struct Sending {
        explicit Sending(DoipWire& of) : wire(of) { wire.sending_ = true; }
        ~Sending() {
            if (!done) wire.close();
            wire.sending_ = false;
            wire.sent_.notify();
        }
        DoipWire& wire;
        bool done = false;
    } sending(*this);

    DoipStream::Parts parts{asio::buffer(head.data(), head.size()), asio::buffer(body.data(), body.size())};
    boost::system::error_code code;
    const std::size_t sent_bytes = stream_->write_now(parts, code);
    if (!code && sent_bytes < head.size() + body.size()) {
        const std::size_t from_head = std::min(sent_bytes, head.size());
        parts[0] += from_head;
        parts[1] += sent_bytes - from_head;
        code = co_await stream_->write(parts, limit);
    }
    if (code) co_return fail(faults::connection_lost, std::format("{}: while sending: {}", name_, code.message()));
    sending.done = true;
    co_return Result<void>{};
}

void DoipWire::close() {
    if (stream_) stream_->close();
}

}  // namespace pitstop::io::ethernet
