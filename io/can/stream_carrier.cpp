#include "io/can/carrier.h"
#include "io/can/faults.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <format>

namespace pitstop::io::can {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size_bytes = 16 * 1024;  // some 200 FD frames in one read
// A bus on this machine answers at once; one that does not is hung.
constexpr std::chrono::milliseconds hello_limit{2000};

class StreamCarrier final : public Carrier {
public:
    explicit StreamCarrier(Loop& loop) : socket_(loop.context()), incoming_(read_size_bytes) {}

    Task<void> greet(const Address& address);
    [[nodiscard]] std::size_t depth() const override { return depth_; }
    Task<void> read(std::vector<Record>& into) override;
    Task<void> write(std::span<const TimedFrame> frames) override;
    void close() override {
        boost::system::error_code ignored;  // it is gone either way
        socket_.close(ignored);
    }

private:
    asio::generic::stream_protocol::socket socket_;
    std::size_t depth_ = 0;
    Bytes incoming_, outgoing_;
    std::size_t filled_ = 0;
};

Task<void> StreamCarrier::greet(const Address& address) {
    const auto refused = [&](const boost::system::error_code& code) {
        return fail(faults::connect_failed, std::format("{}: {}", address.text, code.message()));
    };
    auto [not_connected] = co_await socket_.async_connect(address.endpoint, as_result);
    if (not_connected) co_return refused(not_connected);
    if (address.socket_path.empty()) {
        boost::system::error_code ignored;  // only slower without
        socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    const auto ours = write_hello(0);
    auto [not_written, written] = co_await asio::async_write(socket_, asio::buffer(ours), as_result);
    if (not_written) co_return refused(not_written);
    std::array<std::uint8_t, hello_size_bytes> theirs{};
    auto [not_read, count] = co_await asio::async_read(socket_, asio::buffer(theirs), as_result);
    if (not_read) co_return refused(not_read);
    CO_TRY(depth_, read_hello(theirs));
    if (depth_ == 0) co_return fail(faults::bad_stream, "a bus that takes no frame");
    co_return Result<void>();
}

Task<void> StreamCarrier::read(std::vector<Record>& into) {
    auto [code, count] = co_await socket_.async_read_some(
        asio::buffer(incoming_.data() + filled_, incoming_.size() - filled_), as_result);
    if (code) co_return fail(faults::not_connected, code.message());
    filled_ += count;
    std::size_t taken = 0;
    while (true) {
        CO_TRY(const auto read, read_record(View(incoming_).subspan(taken, filled_ - taken)));
        if (!read) break;
        taken += read->size_bytes;
        into.push_back(read->record);
    }
    std::copy(incoming_.begin() + static_cast<std::ptrdiff_t>(taken),
              incoming_.begin() + static_cast<std::ptrdiff_t>(filled_), incoming_.begin());
    filled_ -= taken;
    co_return Result<void>();
}

Task<void> StreamCarrier::write(std::span<const TimedFrame> frames) {
    outgoing_.clear();
    for (const TimedFrame& frame : frames) append(outgoing_, frame);
    auto [code, count] = co_await asio::async_write(socket_, asio::buffer(outgoing_), as_result);
    if (code) co_return fail(faults::not_connected, code.message());
    co_return Result<void>();
}

}  // namespace

BusTime machine_time() {
    return std::chrono::duration_cast<BusTime>(std::chrono::steady_clock::now().time_since_epoch());
}

Task<std::unique_ptr<Carrier>> open_stream(Loop& loop, const Address& address) {
    auto carrier = std::make_unique<StreamCarrier>(loop);
    const auto greeted = co_await with_deadline(hello_limit, address.text, carrier->greet(address));
    if (!greeted && greeted.error().is(io::faults::deadline))
        co_return fail(faults::connect_failed, std::format("{}: no hello within {}", address.text, hello_limit));
    if (!greeted) co_return fail(greeted.error());
    co_return carrier;
}

Task<std::unique_ptr<Carrier>> open_carrier(Loop& loop, const Address& address) {
    if (!address.interface.empty()) co_return open_socketcan(loop, address.interface);
    co_return co_await open_stream(loop, address);
}

}  // namespace pitstop::io::can
