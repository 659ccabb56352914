// One tester's connection to a DoipServer: moves bytes between the socket and doip::Entity. Part of DoipServer.
#pragma once

#include "core/doip/entity.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/ethernet/doip_stream.h"
#include "io/runtime/loop.h"

#include <boost/asio/awaitable.hpp>
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

struct DoipConnectionSettings {
    doip::EntitySettings entity;
    std::uint32_t data_size_bytes_max;                        // what the entity's status promises; longer is refused
    std::optional<std::chrono::milliseconds> confirms_after;  // somebody in the vehicle does, so long after 0x11
};

// What a connection is in the middle of; outlives it.
struct DoipSurroundings {
    DiagnosticTarget& target;
    doip::RoutingPolicy& policy;
    Connections& others;
};

class DoipConnection final : public ReplySink, public std::enable_shared_from_this<DoipConnection> {
public:
    // What an entity says is short; a tester for which more than this is waiting does not read.
    static constexpr std::size_t unsent_bytes_max = 1 << 20;
    static constexpr std::chrono::seconds send_limit{10};
    static constexpr std::chrono::milliseconds linger_limit{500};  // for the tester to close too, after us

    DoipConnection(Loop& loop, DoipStream stream, DoipConnectionSettings settings, DoipSurroundings around);

    boost::asio::awaitable<void> serve();  // until the connection ends; keep a reference meanwhile
    void reply(std::uint16_t source, View uds) override;
    void check_alive();
    void confirm(doip::Confirmation confirmation);
    void end_when_sent();  // closes after what is waiting has been sent; nothing is delivered any more
    void close();

    [[nodiscard]] bool is_serving() const { return stream_.is_open() && !ending_; }
    [[nodiscard]] bool awaits_confirmation() const { return entity_.awaits_confirmation(); }
    [[nodiscard]] bool is_checking_alive() const { return entity_.is_checking_alive(); }
    [[nodiscard]] std::optional<std::uint16_t> source() const { return entity_.source(); }

private:
    [[nodiscard]] bool is_open() const { return stream_.is_open(); }
    boost::asio::awaitable<bool> secure();
    boost::asio::awaitable<void> handle(const doip::Item& item);
    void act(const doip::Actions& actions);
    void log_refusal(const doip::Packet& said);
    void append(View bytes);
    void flush();
    void send_rest(std::size_t sent_bytes);
    void on_written(const boost::system::error_code& code);
    void confirm_later();
    void watch();
    void on_watch();

    Loop& loop_;
    DoipStream stream_;
    DoipSurroundings around_;
    doip::Entity entity_;
    std::size_t storage_size_bytes_;
    std::unique_ptr<std::uint8_t[]> storage_;  // not zeroed: memory that no tester fills is not used
    doip::Reader reader_;
    boost::asio::steady_timer watch_, confirming_;
    std::optional<std::chrono::milliseconds> confirms_after_;
    Bytes unsent_, sending_;
    std::optional<Tick> send_due_;    // while sending_ is on its way
    std::optional<Tick> linger_due_;  // after the last byte has been sent
    bool collecting_ = false;         // what one read brings forth goes out in one write
    bool ending_ = false, saying_goodbye_ = false;
    bool has_logged_refusal_ = false;  // one line a connection: a tester must not fill the log
};

}  // namespace pitstop::io::ethernet
