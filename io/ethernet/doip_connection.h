// One tester's connection to a DoipServer: moves bytes between the socket and doip::Entity. Part of DoipServer.
#pragma once

#include "core/doip/entity.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>

namespace pitstop::io::ethernet {

class DoipConnection;

// Who sees all connections of one server.
class Connections {
public:
    virtual ~Connections() = default;
    virtual boost::asio::awaitable<doip::Registration> find_out(const DoipConnection& asking, std::uint16_t source) = 0;
    virtual void changed() = 0;  // one has closed, or answered its alive check
};

class DoipConnection final : public ReplySink, public std::enable_shared_from_this<DoipConnection> {
public:
    // What an entity says is short; a tester for which more than this is waiting does not read.
    static constexpr std::size_t unsent_bytes_max = 1 << 20;
    static constexpr std::chrono::seconds send_limit{10};

    DoipConnection(Loop& loop, boost::asio::ip::tcp::socket socket, doip::EntitySettings settings,
                   DiagnosticTarget& target, Connections& others);

    boost::asio::awaitable<void> serve();  // until the connection ends; keep a reference meanwhile
    void reply(std::uint16_t source, View uds) override;
    void check_alive();
    void end_when_sent();  // closes after what is waiting has been sent; nothing is delivered any more
    void close();

    [[nodiscard]] bool is_open() const { return socket_.is_open(); }
    [[nodiscard]] bool is_checking_alive() const { return entity_.is_checking_alive(); }
    [[nodiscard]] std::optional<std::uint16_t> source() const { return entity_.source(); }

private:
    boost::asio::awaitable<void> handle(const doip::Item& item);
    void act(const doip::Actions& actions);
    void append(View bytes);
    void flush();
    void on_written(const boost::system::error_code& code);
    void watch();
    void on_watch();

    Loop& loop_;
    boost::asio::ip::tcp::socket socket_;
    DiagnosticTarget& target_;
    Connections& others_;
    doip::Entity entity_;
    Bytes storage_;
    doip::Reader reader_;
    boost::asio::steady_timer watch_;
    Bytes unsent_, sending_;
    std::optional<Tick> send_due_;  // while sending_ is on its way
    bool collecting_ = false;       // what one read brings forth goes out in one write
    bool ending_ = false;
};

}  // namespace pitstop::io::ethernet
