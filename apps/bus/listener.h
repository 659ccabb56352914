// The socket on which nodes knock. A socket file that a killed bus left behind is replaced; one that somebody answers
// on is not.
#pragma once

#include "core/base/result.h"
#include "io/can/address.h"
#include "io/runtime/loop.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

namespace pitstop::bus {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

[[nodiscard]] Result<Acceptor> listen_at(io::Loop& loop,
                                         const io::can::Address& address);  // bus.address-taken, bus.not-listening
[[nodiscard]] std::string text_of(const Acceptor& acceptor, const io::can::Address& address);

}  // namespace pitstop::bus
