// One node's connection, seen from the bus: what it offers, and what it has still to be told. StreamNode speaks the
// format of io/can/stream_format.h, SocketcandNode (socketcand_node.h) the text that third-party tools speak.
#pragma once

#include "apps/bus/arbiter.h"
#include "core/base/bytes.h"
#include "io/runtime/loop.h"
#include "io/runtime/signal.h"
#include "io/runtime/task.h"

#include <boost/asio/generic/stream_protocol.hpp>

namespace pitstop::bus {

// A port: where a node's frames go. `since`: when the frame began to wait; 0 or to come: now.
class Medium {
public:
    virtual ~Medium() = default;
    virtual Result<void> offer(NodeId node, const isotp::CanFrame& frame, Nanos since) = 0;  // bus.too-many-frames
};

class Node {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    Node(io::Loop& loop, NodeId id, Socket socket, Medium& medium);
    virtual ~Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] io::Task<void> run();  // until the node leaves; an error when it had to be thrown out
    [[nodiscard]] NodeId id() const { return id_; }

    // Noted at once, written with the next flush.
    virtual void hear(const Passed& passed) = 0;
    virtual void confirm(Nanos end) = 0;
    void flush();

protected:
    enum class Reading : std::uint8_t { goes_on, pauses };

    [[nodiscard]] virtual io::Task<void> greet() = 0;  // says first what is to be said, and begin()s when it may
    [[nodiscard]] virtual Result<std::size_t> on_bytes(View bytes) = 0;  // how many were of use, from the front
    [[nodiscard]] virtual Reading reading() const { return Reading::goes_on; }
    virtual void complete_outgoing() {}

    void begin() { begun_ = true; }
    [[nodiscard]] bool listens() const { return begun_ && !overrun_; }
    [[nodiscard]] Result<void> offer(const isotp::CanFrame& frame, Nanos since);
    Bytes& outgoing() { return outgoing_; }
    Socket& socket() { return socket_; }
    void read_on() { to_read_.notify(); }

private:
    io::Task<void> read();
    io::Task<void> write();

    NodeId id_;
    Socket socket_;
    Medium& medium_;
    Bytes outgoing_;
    bool begun_ = false, overrun_ = false;
    io::Signal to_write_, to_read_;
};

class StreamNode final : public Node {
public:
    using Node::Node;
    void hear(const Passed& passed) override;
    void confirm(Nanos end) override;

private:
    io::Task<void> greet() override;
    Result<std::size_t> on_bytes(View bytes) override;
    void complete_outgoing() override;

    std::uint8_t confirmations_ = 0;  // counted up, to become one record
    Nanos confirmed_at_{0};
};

}  // namespace pitstop::bus
