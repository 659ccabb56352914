// The ECU on a CAN bus: ISO-TP messages in, answers out in the order in which they were given.
//
// Bring an ECU and the process's buses, which outlive it. serve() waits for the bus as long as it takes, then answers
// until it is cancelled. Faults of serve(): can.bad-address, can.id-taken, isotp.bad-settings.
#pragma once

#include "apps/ecu/ecu.h"
#include "apps/ecu/shared_bus.h"
#include "io/can/isotp_link.h"
#include "io/runtime/signal.h"

#include <memory>

namespace pitstop::ecu {

class CanLink {
public:
    CanLink(io::Loop& loop, Ecu& ecu, SharedBuses& buses, CanSettings settings);
    ~CanLink();
    CanLink(const CanLink&) = delete;
    CanLink& operator=(const CanLink&) = delete;

    [[nodiscard]] io::Task<void> serve();

private:
    class Answers;

    [[nodiscard]] io::Task<void> send_answers();

    io::Loop& loop_;
    Ecu& ecu_;
    SharedBuses& buses_;
    CanSettings settings_;
    std::shared_ptr<Answers> answers_;  // the ECU keeps it while it works on a request
    std::unique_ptr<io::can::IsotpLink> link_;
};

}  // namespace pitstop::ecu
