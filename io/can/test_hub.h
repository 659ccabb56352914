// For tests: the smallest bus there is. It gives every frame to all other nodes and confirms it, without timing or
// arbitration, and can be told to lose frames, to say nothing, to say nonsense and to go away. Rooms that may use
// apps/bus test against that instead.
#pragma once

#include "io/can/stream_format.h"
#include "io/runtime/loop.h"

#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <format>
#include <functional>
#include <memory>
#include <vector>

namespace pitstop::io::can::testing {

class TestHub {
public:
    using Protocol = boost::asio::local::stream_protocol;

    explicit TestHub(Loop& loop)
        : loop_(loop),
          path_(std::format("{}/pitstop-hub-{}-{}", std::filesystem::temp_directory_path().string(), ::getpid(),
                            ++count_)),
          acceptor_(loop.context()) {
        start();
    }
    ~TestHub() { stop(); }
    TestHub(const TestHub&) = delete;
    TestHub& operator=(const TestHub&) = delete;

    [[nodiscard]] std::string address() const { return "unix:" + path_; }
    [[nodiscard]] std::size_t frames() const { return frames_; }

    void start() {
        std::filesystem::remove(path_);
        acceptor_ = Protocol::acceptor(loop_.context(), Protocol::endpoint(path_));
        loop_.spawn("hub", accept());
    }
    void stop() {
        boost::system::error_code none;
        acceptor_.close(none);
        for (const auto& socket : *sockets_) socket->close(none);
        sockets_->clear();
        std::filesystem::remove(path_);
    }
    // As it is, to the nodes in the order in which they came: to one, or to all.
    void say(const Bytes& bytes, std::optional<std::size_t> only = std::nullopt) {
        boost::system::error_code none;
        for (std::size_t node = 0; node < sockets_->size(); ++node)
            if (!only || *only == node) boost::asio::write(*sockets_->at(node), boost::asio::buffer(bytes), none);
    }

    std::function<bool(const CanFrame&)> loses = [](const CanFrame&) { return false; };
    std::function<bool(const CanFrame&)> confirms = [](const CanFrame&) { return true; };
    Bytes hello = [] {
        const auto bytes = write_hello(32);
        return Bytes(bytes.begin(), bytes.end());
    }();

private:
    using Socket = std::shared_ptr<Protocol::socket>;  // shared: the hub and the task that reads from it
    static constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

    Task<void> accept() {
        while (true) {
            auto [code, socket] = co_await acceptor_.async_accept(as_result);
            if (code) co_return Result<void>();
            sockets_->push_back(std::make_shared<Protocol::socket>(std::move(socket)));
            loop_.spawn("hub node", serve(*this, sockets_->back()));
        }
    }

    static Task<void> serve(TestHub& hub, Socket socket) {
        Bytes bytes(hello_size_bytes);
        auto [no_hello, got] = co_await boost::asio::async_read(*socket, boost::asio::buffer(bytes), as_result);
        if (no_hello) co_return Result<void>();
        auto [not_said, said] = co_await boost::asio::async_write(*socket, boost::asio::buffer(hub.hello), as_result);
        bytes.resize(16 * 1024);
        std::size_t filled = 0;
        while (!not_said) {
            auto [code, count] = co_await socket->async_read_some(
                boost::asio::buffer(bytes.data() + filled, bytes.size() - filled), as_result);
            if (code) break;
            filled += count;
            std::size_t taken = 0;
            while (true) {
                CO_TRY(const auto read, read_record(View(bytes).subspan(taken, filled - taken)));
                if (!read) break;
                taken += read->size_bytes;
                hub.pass(socket, std::get<TimedFrame>(read->record));
            }
            std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(taken),
                      bytes.begin() + static_cast<std::ptrdiff_t>(filled), bytes.begin());
            filled -= taken;
        }
        co_return Result<void>();
    }

    void pass(const Socket& from, const TimedFrame& timed) {
        const CanFrame& frame = timed.frame;
        ++frames_;
        const bool lost = loses(frame);
        boost::system::error_code none;
        for (const auto& socket : *sockets_) {
            Bytes bytes;
            if (socket == from && confirms(frame)) append(bytes, Confirmation{1, timed.time});
            if (socket != from && !lost) append(bytes, timed);
            boost::asio::write(*socket, boost::asio::buffer(bytes), none);
        }
    }

    static inline int count_ = 0;
    Loop& loop_;
    std::string path_;
    Protocol::acceptor acceptor_;
    std::shared_ptr<std::vector<Socket>> sockets_ = std::make_shared<std::vector<Socket>>();
    std::size_t frames_ = 0;
};

}  // namespace pitstop::io::can::testing
