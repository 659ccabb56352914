// The way to one ECU behind a CAN bus: takes UDS requests from testers, gives back whatever the ECU says.
//
// Each route has its own queue and its own tasks: an ECU that is silent costs nobody else anything, and its own tester
// no more than the time-outs of ISO-TP. What cannot be delivered any more is logged; the tester's own time-out tells it
// (retry).
#pragma once

#include "apps/zone/settings.h"
#include "core/doip/payloads.h"
#include "io/can/isotp_link.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"
#include "io/runtime/signal.h"

#include <chrono>
#include <deque>
#include <memory>

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
    void on_request(View uds, const std::shared_ptr<io::ethernet::ReplySink>& sink);
    [[nodiscard]] const RouteSettings& settings() const { return settings_; }

private:
    io::Task<void> send();
    io::Task<void> receive();
    void on_answer(View uds);

    io::Loop& loop_;
    RouteSettings settings_;
    io::can::BusClient* bus_ = nullptr;  // outlives the route's tasks
    std::unique_ptr<io::can::IsotpLink> link_;
    std::deque<Bytes> waiting_;
    io::Signal arrived_;
    std::shared_ptr<io::ethernet::ReplySink> asked_by_;
    Tick turn_ends_{};  // until then answers belong to asked_by_
};

}  // namespace pitstop::zone
