// Who flashes an ECU, and with what the ECU is convinced before: a zone that can do it by itself gets payload and
// metadata and is watched; an ECU on Ethernet, or behind a zone that only routes, is flashed from here.
//
// Bring orders for as many ECUs at once as there are. Zones and buses go on side by side; of ECUs on a bus behind a
// zone that only routes, one after the other is flashed. Faults: those of io/flashing, zone_client.h, secondaries.h.
#pragma once

#include "apps/gateway/secondaries.h"
#include "apps/gateway/zone_client.h"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace pitstop::gateway {

// From here. Waits for the ECU's turn first.
[[nodiscard]] io::Task<void> carry_out(io::Loop& loop, Car& car, io::flashing::Order order);

class Flasher {
public:
    Flasher(io::Loop& loop, Car& car, Secondaries& secondaries)
        : loop_(loop),
          car_(car),
          secondaries_(secondaries),
          bus_freed_(loop),
          brought_(loop) {}

    // `payload`: what `order.read_image` reads. The order's metadata is found here.
    [[nodiscard]] io::Task<void> carry_out(io::flashing::Order order, flash::StoredBytes payload);

    // To the ECU's zone before it is needed, if that has a store.
    [[nodiscard]] io::Task<void> prefetch(EcuId ecu, Cargo payload, std::function<bool()> given_up);

private:
    class BusTurn;
    class Bringing;

    [[nodiscard]] io::Task<ZoneClient*> zone_that_flashes(EcuId ecu);  // null: there is none before this ECU
    [[nodiscard]] io::Task<void> let_zone(ZoneClient& zone, io::flashing::Order order, flash::StoredBytes payload);
    [[nodiscard]] io::Task<void> from_here(io::flashing::Order order);

    io::Loop& loop_;
    Car& car_;
    Secondaries& secondaries_;
    std::map<EcuId, std::unique_ptr<ZoneClient>> zones_;
    std::set<std::string> taken_buses_;
    io::Signal bus_freed_;
    std::map<EcuId, int> bringing_;  // orders on their way to this zone
    io::Signal brought_;
};

}  // namespace pitstop::gateway
