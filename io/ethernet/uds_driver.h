// Runs a uds::Server on a loop: gives it requests and time, and its answers to whoever asked, whatever the link is.
//
// Each sink is a tester of its own, who owns the session that it opened (core/uds/session_owner.h). Bring a server that
// outlives the driver, and the ECU's address for the answers. Use from the loop's thread.
#pragma once

#include "core/uds/server.h"
#include "core/uds/session_owner.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace pitstop::io::ethernet {

class UdsDriver {
public:
    UdsDriver(Loop& loop, uds::Server& server, std::uint16_t address);
    UdsDriver(const UdsDriver&) = delete;
    UdsDriver& operator=(const UdsDriver&) = delete;

    void on_request(View request, uds::Addressing addressing, const std::shared_ptr<ReplySink>& sink);
    // Where requests come in pieces (CAN): one begins; it will come, or is lost.
    void on_request_begins();
    void on_request_lost();
    void on_closed(const ReplySink& sink);

    // Called each time the server has become idle: its answer, if there was one, is with the sink. For an ECU that
    // resets after it has answered; from there the driver may be destroyed only by a task that runs later.
    void when_idle(std::function<void()> hook) { when_idle_ = std::move(hook); }

private:
    [[nodiscard]] bool is_kept_away(View request, const std::shared_ptr<ReplySink>& sink) const;
    void advance();
    void end_session();
    void arm();

    Loop& loop_;
    uds::Server& server_;
    std::uint16_t address_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<ReplySink> asked_by_;
    uds::SessionOwner owner_;
    std::function<void()> when_idle_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // a timer's handler may run after our end
};

}  // namespace pitstop::io::ethernet
