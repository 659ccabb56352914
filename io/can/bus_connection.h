// The stream under BusClient: connecting, the hello, and back-off between attempts.
#pragma once

#include "io/can/address.h"
#include "io/runtime/loop.h"
#include "io/runtime/task.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>

namespace pitstop::io::can {

using StreamSocket = boost::asio::generic::stream_protocol::socket;

struct Connection {
    StreamSocket socket;
    std::uint8_t depth = 0;  // frames that may be unconfirmed
};

// A bus on this machine answers at once; one that does not is hung.
inline constexpr std::chrono::milliseconds hello_limit{2000};

// can.connect-failed, can.bad-stream, can.wrong-version
[[nodiscard]] Task<std::unique_ptr<Connection>> connect_to(Loop& loop, const Address& address);

// 50 ms, doubled up to 1 s: a bus that restarts is back within a second, one that is gone costs nothing.
class BackOff {
public:
    std::chrono::milliseconds next() {
        return std::exchange(time_, std::min(time_ * 2, std::chrono::milliseconds(1000)));
    }

private:
    std::chrono::milliseconds time_{50};
};

}  // namespace pitstop::io::can
