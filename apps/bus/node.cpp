#include "apps/bus/node.h"

#include "apps/bus/bus_server.h"
#include "apps/bus/faults.h"
#include "io/can/faults.h"
#include "io/can/stream_format.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace pitstop::bus {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size_bytes = 16 * 1024;
constexpr std::chrono::milliseconds hello_limit{2000};  // who connects speaks at once

}  // namespace

Node::Node(io::Loop& loop, NodeId id, Socket socket, Medium& medium)
    : id_(id),
      socket_(std::move(socket)),
      medium_(medium),
      to_write_(loop),
      to_read_(loop) {
    boost::system::error_code not_tcp;
    socket_.set_option(asio::ip::tcp::no_delay(true), not_tcp);
}

Result<void> Node::offer(const isotp::CanFrame& frame, Nanos since) { return medium_.offer(id_, frame, since); }

void Node::flush() {
    complete_outgoing();
    overrun_ = overrun_ || outgoing_.size() > backlog_size_bytes_max;
    boost::system::error_code gone;
    if (overrun_) socket_.close(gone);  // ends run(), which says why
    if (!outgoing_.empty()) to_write_.notify();
}

io::Task<void> Node::run() {
    using namespace asio::experimental::awaitable_operators;
    CO_ENSURE(co_await io::with_deadline(hello_limit, "hello", greet()));
    if (!begun_) co_return Result<void>();
    auto ended = co_await (read() || write());
    if (overrun_) co_return fail(faults::node_too_slow);
    co_return ended.index() == 0 ? std::get<0>(ended) : std::get<1>(ended);
}

io::Task<void> Node::read() {
    Bytes buffer(read_size_bytes);
    std::size_t filled = 0;
    while (true) {
        auto [code, count] =
            co_await socket_.async_read_some(asio::buffer(buffer.data() + filled, buffer.size() - filled), as_result);
        if (code) co_return Result<void>();  // it left, in whatever way
        filled += count;
        CO_TRY(const std::size_t taken, on_bytes(View(buffer).first(filled)));
        std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(taken),
                  buffer.begin() + static_cast<std::ptrdiff_t>(filled), buffer.begin());
        filled -= taken;
        while (reading() == Reading::pauses) co_await to_read_.wait();
    }
}

io::Task<void> Node::write() {
    Bytes batch;
    while (true) {
        batch.clear();
        std::swap(batch, outgoing_);
        if (batch.empty()) {
            co_await to_write_.wait();
            continue;
        }
        auto [code, count] = co_await asio::async_write(socket_, asio::buffer(batch), as_result);
        if (code) co_return Result<void>();
    }
}

// ---- StreamNode

void StreamNode::hear(const Passed& passed) {
    if (!listens()) return;
    complete_outgoing();  // what was confirmed earlier was on the bus earlier
    io::can::append(outgoing(), io::can::TimedFrame{passed.frame, passed.end});
}

void StreamNode::confirm(Nanos end) {
    confirmed_at_ = end;
    if (++confirmations_ == 255) complete_outgoing();
}

void StreamNode::complete_outgoing() {
    if (confirmations_ > 0) io::can::append(outgoing(), io::can::Confirmation{confirmations_, confirmed_at_});
    confirmations_ = 0;
}

io::Task<void> StreamNode::greet() {
    std::array<std::uint8_t, io::can::hello_size_bytes> theirs{};
    auto [not_read, count] = co_await asio::async_read(socket(), asio::buffer(theirs), as_result);
    if (not_read == asio::error::eof && count == 0)
        co_return Result<void>();  // somebody looked whether this address is in use
    if (not_read) co_return fail(io::can::faults::bad_stream, not_read.message());
    const auto theirs_read = io::can::read_hello(theirs);
    const auto ours =
        io::can::write_hello(queue_depth);  // also to a node of another version: it learns why it is refused
    auto [not_written, written] = co_await asio::async_write(socket(), asio::buffer(ours), as_result);
    if (!theirs_read) co_return fail(theirs_read.error());
    if (not_written) co_return fail(io::can::faults::bad_stream, not_written.message());
    begin();
    co_return Result<void>();
}

Result<std::size_t> StreamNode::on_bytes(View bytes) {
    std::size_t taken = 0;
    while (true) {
        TRY(const auto read, io::can::read_record(bytes.subspan(taken)));
        if (!read) return taken;
        taken += read->size_bytes;
        const auto* timed = std::get_if<io::can::TimedFrame>(&read->record);
        if (timed == nullptr) return fail(io::can::faults::bad_stream, "a node confirms nothing");
        ENSURE(offer(timed->frame, timed->time));
    }
}

}  // namespace pitstop::bus
