#include "apps/zone/vehicle_part.h"

namespace pitstop::zone {

Result<Settings> gateway_of(const vehicle::Blueprint& car, std::string_view zone, const io::CarPlace& place) {
    TRY(const vehicle::ZonePlan* plan, car.zone(zone));
    Settings settings{.identity = {plan->gateway, car.vin, "zone " + plan->name, plan->software},
                      .host = vehicle::host_of(plan->gateway, place.network),
                      .buses = {},
                      .routes = {}};
    for (const vehicle::BusPlan& bus : plan->buses) settings.buses.push_back({bus.name, place.bus_address(bus.name)});
    for (const vehicle::EcuPlan& ecu : plan->ecus) {
        if (ecu.bus.empty()) continue;
        const vehicle::CanIds ids = vehicle::can_ids_of(ecu.ecu);
        RouteSettings route{ecu.ecu, ecu.bus, {ids.request}, {ids.response}};
        if (plan->find_bus(ecu.bus)->kind == vehicle::BusKind::can) route.format = CanFormat::classic;
        route.hardware = ecu.hardware;
        settings.routes.push_back(std::move(route));
    }
    settings.trust = TrustSettings{place.director_root(), place.image_root(), place.trust(plan->gateway)};
    std::error_code unreadable;
    if (const auto credential = place.credential(plan->gateway); std::filesystem::exists(credential, unreadable))
        settings.credential = credential;
    settings.store = StoreSettings{place.folder / (plan->gateway.str() + ".store"), std::uint64_t{64} << 20};
    settings.access = ecu::access_of(place);
    if (plan->own) settings.image = ecu::image_of(*plan->own, car.vin, place);
    return settings;
}

}  // namespace pitstop::zone
