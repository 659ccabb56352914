// One connection to a bus for all ECUs of this process that are on it: each frame comes in once, not once for each of
// them. Connects when the first one asks, and waits for the bus as long as it takes.
#pragma once

#include "io/can/bus_client.h"
#include "io/runtime/signal.h"

#include <map>
#include <memory>
#include <string>

namespace pitstop::ecu {

class SharedBuses {
public:
    explicit SharedBuses(io::Loop& loop) : loop_(loop) {}

    // Of the bus at this address; lives as long as this object. can.bad-address, can.bad-stream, can.wrong-version
    [[nodiscard]] io::Task<io::can::BusClient*> join(std::string address);

private:
    struct Bus {
        explicit Bus(io::Loop& loop) : joined(loop) {}
        io::Signal joined;
        bool is_joining = false;
        std::unique_ptr<io::can::BusClient> client;
    };

    io::Loop& loop_;
    std::map<std::string, Bus> buses_;
};

}  // namespace pitstop::ecu
