// One node's connection, seen from the bus: its hello, what it offers, and what it has still to be told.
#pragma once

#include "apps/bus/arbiter.h"
#include "core/base/bytes.h"
#include "io/runtime/loop.h"
#include "io/runtime/signal.h"
#include "io/runtime/task.h"

#include <boost/asio/generic/stream_protocol.hpp>

namespace pitstop::bus {

// A port: where a node's frames go.
class Medium {
public:
    virtual ~Medium() = default;
    virtual Result<void> offer(NodeId node, const isotp::CanFrame& frame) = 0;  // bus.too-many-frames
};

class Node {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    Node(io::Loop& loop, NodeId id, Socket socket, Medium& medium);

    [[nodiscard]] io::Task<void> run();  // until the node leaves; an error when it had to be thrown out
    [[nodiscard]] NodeId id() const { return id_; }

    // Noted at once, written with the next flush.
    void hear(const isotp::CanFrame& frame);
    void confirm();
    void flush();

private:
    io::Task<void> greet();
    io::Task<void> read();
    io::Task<void> write();
    [[nodiscard]] Result<std::size_t> on_bytes(View bytes);
    void settle_confirmations();

    NodeId id_;
    Socket socket_;
    Medium& medium_;
    Bytes outgoing_;
    std::uint8_t confirmations_ = 0;  // counted up, to become one record
    bool greeted_ = false, overrun_ = false;
    io::Signal to_write_;
};

}  // namespace pitstop::bus
