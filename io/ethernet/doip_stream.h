// The bytes of one DoIP connection: plain TCP, or TLS on top of it. Part of DoipConnection and DoipWire.
//
// Bring a connected socket. One read and one write may be under way at a time. ethernet.tls-failed, tls.wrong-group,
// tls.bad-host
#pragma once

#include "io/ethernet/doip_tls.h"
#include "io/runtime/loop.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <variant>

namespace pitstop::io::ethernet {

class DoipStream {
public:
    using Parts = std::array<boost::asio::const_buffer, 2>;  // sent as one
    using OnEnd = std::function<void(const boost::system::error_code&)>;
    struct Read {
        boost::system::error_code code;
        std::size_t size_bytes = 0;
    };

    DoipStream(boost::asio::ip::tcp::socket socket, std::shared_ptr<DoipTls> tls);  // nullptr: plain

    // Before anything else; nothing to do when plain. `host`: whom a tester means to reach.
    Task<void> secure(const std::string& host = {});
    [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }
    [[nodiscard]] bool peer_showed_certificate() const;

    boost::asio::awaitable<Read> read_some(Room room);
    // How much goes out at once, without waiting: with TLS nothing, for records need turns of the loop.
    [[nodiscard]] std::size_t write_now(const Parts& parts, boost::system::error_code& code);
    void write(const Parts& parts, OnEnd on_end);
    boost::asio::awaitable<boost::system::error_code> write(const Parts& parts, std::chrono::milliseconds limit);

    void end(OnEnd on_end);  // says that nothing more will be written; keep reading until the peer ends too
    void close();
    [[nodiscard]] bool is_open() const;
    [[nodiscard]] std::string peer_name() const;

private:
    using Tcp = boost::asio::ip::tcp::socket;
    using Tls = boost::asio::ssl::stream<Tcp>;
    [[nodiscard]] Tcp& socket();
    [[nodiscard]] const Tcp& socket() const;

    std::shared_ptr<DoipTls> tls_;
    std::variant<Tcp, Tls> stream_;
};

}  // namespace pitstop::io::ethernet
