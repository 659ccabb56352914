// The way to one ECU behind a CAN bus: takes UDS requests from testers, gives back whatever the ECU says. What it says
// to a functional request, which went to the whole bus, goes to whoever asked that.
//
// The session that one tester opened in the ECU is nobody else's (core/uds/session_owner.h).
//
// Each route has its own queue and its own tasks: an ECU that is silent costs nobody else anything, and its own tester
// no more than the time-outs of ISO-TP. What cannot be delivered any more is logged; the tester's own time-out tells it
// (retry).
#pragma once

#include "apps/zone/settings.h"
#include "core/doip/payloads.h"
#include "core/uds/session_owner.h"
#include "io/can/isotp_link.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"
#include "io/runtime/signal.h"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace pitstop::zone {

class Route {
public:
    // A tester sends one request and waits; more than these mean that nobody takes them off.
    static constexpr std::size_t waiting_max = 4;
    // P2* and some: after so long without a word from the ECU, another tester may have its turn.
    static constexpr std::chrono::seconds turn_limit{6};

    Route(io::Loop& loop, RouteSettings settings);

    // The bus is there (for the first time; afterwards its client reconnects by itself). isotp.bad-settings,
    // can.id-taken
    Result<void> open(io::can::BusClient& bus);

    [[nodiscard]] doip::Delivery look_up(std::size_t uds_size_bytes) const;
    // `on_sent`: whether the ECU has taken all of it.
    using Sink = std::shared_ptr<io::ethernet::ReplySink>;
    using OnSent = std::function<void(const Result<void>&)>;
    void on_request(View uds, const Sink& sink, OnSent on_sent = {});
    // This functional request is about to be on the bus.
    void expect_answer(View functional, const Sink& sink);

    // The zone itself works on this ECU: other testers are told to come again. Null: no longer.
    void claim(Sink by) { claimed_by_ = std::move(by); }
    [[nodiscard]] bool is_taken_by_other(const Sink& sink) const;
    // In somebody else's session.
    [[nodiscard]] bool is_kept_from(const Sink& sink, View uds) const;
    void on_closed(const io::ethernet::ReplySink& sink);
    [[nodiscard]] bool is_open() const { return bus_ != nullptr && bus_->connected(); }
    [[nodiscard]] const RouteSettings& settings() const { return settings_; }

private:
    io::Task<void> send();
    io::Task<void> receive();
    void on_answer(View uds);
    [[nodiscard]] bool answers_functional(View uds) const;
    void refuse(View uds, const Sink& sink) const;
    void follow_owner();

    struct Waiting {
        Bytes uds;
        OnSent on_sent;
    };
    struct Held {
        Bytes uds;
        Sink sink;
        OnSent on_sent;
    };
    // Answers belong to `sink` until then.
    struct Turn {
        Sink sink;
        Tick ends{};
        std::uint8_t service = 0;  // that was asked for
        [[nodiscard]] bool is_on(Tick now) const { return sink && now < ends; }
    };

    io::Loop& loop_;
    RouteSettings settings_;
    io::can::BusClient* bus_ = nullptr;  // outlives the route's tasks
    std::unique_ptr<io::can::IsotpLink> link_;
    std::deque<Waiting> waiting_;
    io::Signal arrived_;
    Turn physical_, functional_;
    Sink claimed_by_;
    uds::SessionOwner owner_;
    std::vector<Held> held_;  // while the session before is being ended
    boost::asio::steady_timer owner_due_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // a timer's handler may run after our end
};

}  // namespace pitstop::zone
