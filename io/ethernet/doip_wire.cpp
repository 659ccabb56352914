#include "io/ethernet/doip_wire.h"

#include "io/ethernet/faults.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <format>
#include <tuple>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::tcp;

DoipWire::DoipWire(Loop& loop)
    : socket_(loop.context()),
      storage_(doip::header_size_bytes + doip::data_size_bytes_max),
      reader_(storage_, doip::Listener::tester_tcp),
      sent_(loop) {}

Task<void> DoipWire::open(std::string host, std::uint16_t port, doip::Tester tester) {
    const auto self = shared_from_this();  // a name that is being looked up outlasts its time-out
    name_ = std::format("{}:{}", host, port);
    tcp::resolver resolver(socket_.get_executor());
    const auto [unresolved, endpoints] =
        co_await resolver.async_resolve(host, std::to_string(port), asio::as_tuple(asio::use_awaitable));
    if (unresolved) co_return fail(faults::connect_failed, std::format("{}: {}", name_, unresolved.message()));
    const auto [code, endpoint] = co_await asio::async_connect(socket_, endpoints, asio::as_tuple(asio::use_awaitable));
    if (code) co_return fail(faults::connect_failed, std::format("{}: {}", name_, code.message()));
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);

    const auto request = tester.activation_request();
    CO_ENSURE(co_await write(request.view(), {}, std::chrono::seconds(10)));
    while (true) {
        while (const auto item = next()) {
            const auto heard = tester.on_item(*item);
            if (std::holds_alternative<doip::Activated>(heard)) co_return Result<void>{};
            if (const auto* refused = std::get_if<doip::NotActivated>(&heard)) co_return fail(refused->error);
            if (const auto* broken = std::get_if<doip::Broken>(&heard)) co_return fail(broken->error);
        }
        CO_ENSURE(co_await fill());
    }
}

Task<void> DoipWire::fill() {
    const auto self = shared_from_this();
    const Room room = reader_.prepare();
    const auto [code, size_bytes] =
        co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), asio::as_tuple(asio::use_awaitable));
    if (code) co_return fail(faults::connection_lost, std::format("{}: {}", name_, code.message()));
    reader_.commit(size_bytes);
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

    std::array<asio::const_buffer, 2> parts{asio::buffer(head.data(), head.size()),
                                            asio::buffer(body.data(), body.size())};
    boost::system::error_code code;
    std::size_t sent_bytes = socket_.write_some(parts, code);
    if (!code || code == asio::error::would_block) {
        code = {};
        const std::size_t from_head = std::min(sent_bytes, head.size());
        parts[0] += from_head;
        parts[1] += sent_bytes - from_head;
        if (asio::buffer_size(parts) > 0)
            std::tie(code, sent_bytes) = co_await asio::async_write(
                socket_, parts, asio::cancel_after(limit, asio::as_tuple(asio::use_awaitable)));
    }
    if (code) co_return fail(faults::connection_lost, std::format("{}: while sending: {}", name_, code.message()));
    sending.done = true;
    co_return Result<void>{};
}

void DoipWire::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace pitstop::io::ethernet
