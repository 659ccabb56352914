// Where a CAN bus is: "unix:/run/pitstop/can0.sock" or "tcp:127.0.0.1:29536", where pitstop-bus listens, or
// "socketcan:can0", an interface of the kernel.
#pragma once

#include "core/base/result.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <string>
#include <string_view>

namespace pitstop::io::can {

struct Address {
    boost::asio::generic::stream_protocol::endpoint endpoint;
    std::string socket_path;     // empty for TCP
    std::string text;            // as it was written
    std::string interface = {};  // of SocketCAN; then there is no endpoint

    // can.bad-address. HOST is an IP address: a name could mean another machine, and a bus without authentication stays
    // on this one.
    static Result<Address> parse(std::string_view text);
};

}  // namespace pitstop::io::can
