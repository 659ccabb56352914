#include "core/vehicle/description.h"

#include "core/vehicle/faults.h"
#include "core/vehicle/limits.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::vehicle {
namespace {

template <class List>
auto find_named(const List& items, std::string_view name) -> decltype(&*items.begin()) {
    const auto found = std::ranges::find_if(items, [name](const auto& item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

// The zone whose gateway stands between the tester and an ECU on a bus.
Result<const Zone*> zone_before(const Description& vehicle, const EcuDescription& ecu) {
    const Bus* bus = find_named(vehicle.buses, ecu.bus);
    if (!bus)
        return fail(faults::bad_description,
                    std::format("{} is on bus '{:.40}', which is not declared", ecu.ecu.str(), ecu.bus));
    const Zone* zone = find_named(vehicle.zones, bus->zone);
    if (!zone)
        return fail(faults::bad_description,
                    std::format("bus '{:.40}' is in zone '{:.40}', which is not declared", bus->name, bus->zone));
    return zone;
}

Result<Route> route(const Description& vehicle, const EcuDescription& ecu) {
    if (ecu.link == Link::doip) {
        if (ecu.host.empty() || ecu.port == 0)
            return fail(faults::bad_description,
                        std::format("{} is on Ethernet and needs a host and a port", ecu.ecu.str()));
        return Route{ecu.host, ecu.port, ecu.ecu.address(), std::nullopt};
    }
    TRY(const Zone* zone, zone_before(vehicle, ecu));
    if (zone->host.empty() || zone->port == 0)
        return fail(faults::bad_description, std::format("zone '{:.40}' needs a host and a port", zone->name));
    return Route{zone->host, zone->port, ecu.ecu.address(), zone->gateway};
}

std::unexpected<Error> twice(EcuId ecu) {
    return fail(faults::ambiguous, std::format("{} is described twice", ecu.str()));
}

bool is_gateway_itself(const EcuDescription& ecu, const Zone& zone) {
    return ecu.link == Link::doip && ecu.host == zone.host && ecu.port == zone.port;
}

}  // namespace

Result<void> Description::check() const {
    const auto apart = std::ranges::count_if(zones, [this](const Zone& zone) { return find(zone.gateway) == nullptr; });
    if (const std::size_t count = ecus.size() + static_cast<std::size_t>(apart); count > ecus_max)
        return fail(faults::too_much, std::format("{} ECUs, a vehicle has at most {}", count, ecus_max));
    std::set<EcuId> gateways, named;
    for (const Zone& zone : zones)
        if (!gateways.insert(zone.gateway).second) return twice(zone.gateway);
    for (const EcuDescription& ecu : ecus) {
        const Zone* const zone = zone_of(ecu.ecu);
        if (!named.insert(ecu.ecu).second || (zone != nullptr && !is_gateway_itself(ecu, *zone))) return twice(ecu.ecu);
        ENSURE(route(*this, ecu));
    }
    return {};
}

const EcuDescription* Description::find(EcuId ecu) const {
    const auto found = std::ranges::find(ecus, ecu, &EcuDescription::ecu);
    return found == ecus.end() ? nullptr : &*found;
}

const Zone* Description::zone_of(EcuId gateway) const {
    const auto found = std::ranges::find(zones, gateway, &Zone::gateway);
    return found == zones.end() ? nullptr : &*found;
}

Result<Route> Description::route_to(EcuId ecu) const {
    const EcuDescription* described = find(ecu);
    if (!described) return fail(faults::bad_description, std::format("{} is not part of this vehicle", ecu.str()));
    return route(*this, *described);
}

}  // namespace pitstop::vehicle
