#include "io/can/bus_connection.h"

#include "io/can/faults.h"
#include "io/can/stream_format.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <format>

namespace pitstop::io::can {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

Task<std::unique_ptr<Connection>> greet(Loop& loop, const Address& address) {
    auto connection = std::make_unique<Connection>(StreamSocket(loop.context()));
    const auto refused = [&](const boost::system::error_code& code) {
        return fail(faults::connect_failed, std::format("{}: {}", address.text, code.message()));
    };
    auto [not_connected] = co_await connection->socket.async_connect(address.endpoint, as_result);
    if (not_connected) co_return refused(not_connected);
    if (address.socket_path.empty()) {
        boost::system::error_code ignored;  // only slower without
        connection->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    const auto ours = write_hello(0);
    auto [not_written, written] = co_await asio::async_write(connection->socket, asio::buffer(ours), as_result);
    if (not_written) co_return refused(not_written);
    std::array<std::uint8_t, hello_size_bytes> theirs{};
    auto [not_read, count] = co_await asio::async_read(connection->socket, asio::buffer(theirs), as_result);
    if (not_read) co_return refused(not_read);
    CO_TRY(connection->depth, read_hello(theirs));
    if (connection->depth == 0) co_return fail(faults::bad_stream, "a bus that takes no frame");
    co_return connection;
}

}  // namespace

Task<std::unique_ptr<Connection>> connect_to(Loop& loop, const Address& address) {
    auto connection = co_await with_deadline(hello_limit, address.text, greet(loop, address));
    if (!connection && connection.error().is(io::faults::deadline))
        co_return fail(faults::connect_failed, std::format("{}: no hello within {}", address.text, hello_limit));
    co_return connection;
}

}  // namespace pitstop::io::can
