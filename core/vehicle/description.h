// What a vehicle is made of: its zones, buses and ECUs, and how each ECU is reached. A value; where it is written is
// the shell's affair.
//
// A zonal gateway that takes updates itself stands among the ECUs too, on Ethernet, where its zone says. `check`
// refuses a description that contradicts itself: any other ECU twice, a zone or bus that nobody declared, an ECU on a
// bus without a zonal gateway before it, or a zonal gateway that is itself not on Ethernet.
#pragma once

#include "core/base/ids.h"
#include "core/vehicle/inventory.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::vehicle {

struct Zone {
    std::string name;  // "powertrain"
    EcuId gateway;     // the zonal gateway, a DoIP entity
    std::string host;  // its IP address
    std::uint16_t port = 13400;

    bool operator==(const Zone&) const = default;
};

struct Bus {
    std::string name;
    std::string zone;  // whose gateway routes to it

    bool operator==(const Bus&) const = default;
};

struct EcuDescription {
    EcuId ecu;
    HardwareId hardware;
    Link link = Link::doip;
    std::string host;        // doip only
    std::uint16_t port = 0;  // doip only
    std::string bus;         // can-fd only

    bool operator==(const EcuDescription&) const = default;
};

// Where a diagnostic message for an ECU is sent: a DoIP entity, and the logical address behind or in it.
struct Route {
    std::string host;
    std::uint16_t port = 0;
    std::uint16_t target_address = 0;
    std::optional<EcuId> via;  // the zonal gateway, if there is one

    bool operator==(const Route&) const = default;
};

struct Description {
    Vin vin;
    std::vector<Zone> zones;
    std::vector<Bus> buses;
    std::vector<EcuDescription> ecus;

    [[nodiscard]] Result<void> check() const;  // vehicle.bad-description, vehicle.ambiguous, vehicle.too-much
    [[nodiscard]] const EcuDescription* find(EcuId ecu) const;
    [[nodiscard]] const Zone* zone_of(EcuId gateway) const;  // null: it is the gateway of none
    [[nodiscard]] Result<Route> route_to(EcuId ecu) const;   // vehicle.bad-description when the ECU is not described
};

}  // namespace pitstop::vehicle
