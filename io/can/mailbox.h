// The station behind BusClient::send: single frames whose senders wait until they were on the bus.
#pragma once

#include "io/can/bus_client.h"
#include "io/runtime/signal.h"

#include <deque>

namespace pitstop::io::can {

class Mailbox final : public Station {
public:
    explicit Mailbox(Loop& loop) : changed_(loop) {}

    void post(const Offer& frame);         // then tell the client, then
    [[nodiscard]] Task<void> confirmed();  // can.not-connected; for the frame posted last, called at once after post

    std::optional<Offer> next_frame() override;
    void on_frame(const CanFrame&, Tick) override {}  // listens to no address
    void on_confirmed(Tick passed) override;
    void on_bus_lost() override;

private:
    std::deque<Offer> waiting_;
    std::uint64_t posted_ = 0, confirmed_ = 0;  // counts; a lost bus settles all that were posted before
    std::uint64_t lost_before_ = 0;
    Signal changed_;
};

}  // namespace pitstop::io::can
