#include "apps/ecu/vehicle_part.h"

namespace pitstop::ecu {
namespace {

TrustSettings trust_of(const vehicle::EcuPlan& plan, const io::CarPlace& place) {
    if (plan.make.verifies == vehicle::Verifies::partial) return {.director_root = place.director_root()};
    return {place.director_root(), flash::Verification::full, place.image_root(), place.trust(plan.ecu)};
}

Settings settings_of(const vehicle::EcuPlan& plan, const vehicle::ZonePlan& zone, const Vin& vin,
                     const io::CarPlace& place) {
    Settings settings{image_of(plan, vin, place)};
    settings.trust = trust_of(plan, place);
    settings.access = access_of(place);
    if (plan.bus.empty()) {
        settings.ethernet = EthernetSettings{vehicle::host_of(plan.ecu, place.network)};
    } else {
        const vehicle::CanIds ids = vehicle::can_ids_of(plan.ecu);
        const bool fd = zone.find_bus(plan.bus)->kind == vehicle::BusKind::can_fd;
        settings.can = CanSettings{.bus = place.bus_address(plan.bus),
                                   .request_id = ids.request,
                                   .response_id = ids.response,
                                   .format = fd ? CanFormat::fd : CanFormat::classic};
    }
    settings.block_size_bytes_max = usual_block_size_bytes(settings.can);
    return settings;
}

}  // namespace

Result<std::vector<Settings>> ecus_of(const vehicle::Blueprint& car, std::string_view zone, const io::CarPlace& place) {
    if (!zone.empty()) ENSURE(car.zone(zone).transform([](const auto*) {}));
    std::vector<Settings> ecus;
    for (const vehicle::ZonePlan& each : car.zones) {
        if (!zone.empty() && each.name != zone) continue;
        for (const vehicle::EcuPlan& plan : each.ecus) ecus.push_back(settings_of(plan, each, car.vin, place));
    }
    return ecus;
}

}  // namespace pitstop::ecu
