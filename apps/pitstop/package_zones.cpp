#include "apps/pitstop/package_zones.h"

#include "core/package/enclosure.h"
#include "io/config/section.h"
#include "io/vehicle/vehicle_file.h"

#include <algorithm>
#include <string>

namespace pitstop::cli {
namespace {

using io::config::Section;

// DESIGN of the vehicle: docs/formats/package.md, "Zones".
constexpr std::uint32_t zones_usual = 10, first_gateway = 91, named_zones = 5, ecus_in_named = 5, ecus_in_reserve = 15;

EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }

// Every ECU inside its zone, and what ECUs have in common beside them: the form that io/vehicle reads.
bool describes_a_car(const Section& root) {
    if (root.has("makes")) return true;
    const auto zones = root.list("zones");
    return zones && std::ranges::any_of(*zones, [](const Section& zone) { return zone.has("ecus"); });
}

std::map<std::string, std::uint32_t> zone_names(const std::vector<Section>& zones) {
    std::map<std::string, std::uint32_t> names;
    for (const Section& zone : zones)
        if (const auto name = zone.text("name")) names.emplace(*name, static_cast<std::uint32_t>(names.size() + 1));
    return names;
}

}  // namespace

ZonePlan ZonePlan::usual() {
    ZonePlan plan;
    for (std::uint32_t zone = 1; zone <= zones_usual; ++zone) {
        plan.gateways_.push_back(ecu(first_gateway + zone - 1));
        plan.zones_.emplace(plan.gateways_.back(), zone);
    }
    std::uint32_t next = 1;
    for (std::uint32_t zone = 1; zone <= zones_usual; ++zone)
        for (std::uint32_t i = 0; i < (zone <= named_zones ? ecus_in_named : ecus_in_reserve); ++i, ++next)
            if (next < first_gateway) plan.zones_.emplace(ecu(next), zone);
    return plan;
}

Result<ZonePlan> ZonePlan::from_file(const std::filesystem::path& file) {
    TRY(const auto root, Section::from_file(file));
    if (describes_a_car(root)) {
        TRY(const vehicle::Blueprint car, io::read_vehicle(file));
        return of_car(car);
    }
    if (root.has("vehicle")) return named_elsewhere(root);
    if (!root.has("zones") && !root.has("ecus"))
        return root.out_of_range("zones", "this file describes no vehicle: neither zones nor ecus");
    TRY(const auto zones, root.list("zones"));
    TRY(const auto buses, root.list("buses"));
    TRY(const auto ecus, root.list("ecus"));
    const auto names = zone_names(zones);
    if (names.size() != zones.size()) return root.out_of_range("zones", "each zone needs a name of its own");
    ZonePlan plan;
    for (const Section& zone : zones) {
        TRY(const EcuId gateway, zone.id<EcuId>("gateway"));
        plan.gateways_.push_back(gateway);
        if (!plan.zones_.emplace(gateway, plan.gateways_.size()).second)
            return zone.out_of_range("gateway", "it is the gateway of another zone");
        if (zone.has("hardware_id")) {
            TRY(const HardwareId hardware, zone.id<HardwareId>("hardware_id"));
            plan.hardware_.emplace(gateway, hardware);
        }
    }
    std::map<std::string, std::uint32_t> zone_of_bus;
    for (const Section& bus : buses) {
        TRY(const std::string name, bus.text("name"));
        TRY(const std::string zone, bus.text("zone"));
        if (!names.contains(zone)) return bus.out_of_range("zone", "no zone of this name");
        zone_of_bus.emplace(name, names.at(zone));
    }
    for (const Section& described : ecus) {
        TRY(const EcuId id, described.id<EcuId>("id"));
        if (described.has("hardware_id")) {
            TRY(const HardwareId hardware, described.id<HardwareId>("hardware_id"));
            plan.hardware_.emplace(id, hardware);
        }
        TRY(const std::string bus, described.text("bus", ""));
        if (bus.empty()) continue;
        if (!zone_of_bus.contains(bus)) return described.out_of_range("bus", "no bus of this name");
        if (!plan.zones_.emplace(id, zone_of_bus.at(bus)).second)
            return described.out_of_range("id", "this ECU is described twice");
    }
    return plan;
}

// gateway.yaml says as `vehicle` which car it drives, and perhaps that it has the first zones only.
Result<ZonePlan> ZonePlan::named_elsewhere(const Section& root) {
    TRY(const Section section, root.section("vehicle"));
    TRY(const auto file, section.path("file"));
    TRY(const auto zones, section.number("zones", {1, package::zones_max}, package::zones_max));
    TRY(const vehicle::Blueprint car, io::read_vehicle(file));
    return of_car(car.reduced_to(static_cast<std::size_t>(zones)));
}

ZonePlan ZonePlan::of_car(const vehicle::Blueprint& car) {
    ZonePlan plan;
    for (const vehicle::ZonePlan& zone : car.zones) {
        plan.gateways_.push_back(zone.gateway);
        const auto number = static_cast<std::uint32_t>(plan.gateways_.size());
        plan.zones_.emplace(zone.gateway, number);
        if (zone.own) plan.describe(*zone.own);
        for (const vehicle::EcuPlan& ecu : zone.ecus) {
            if (!ecu.bus.empty()) plan.zones_.emplace(ecu.ecu, number);
            plan.describe(ecu);
        }
    }
    return plan;
}

void ZonePlan::describe(const vehicle::EcuPlan& ecu) {
    hardware_.emplace(ecu.ecu, ecu.hardware);
    opens_.emplace(ecu.ecu, ecu.make.opens);
}

std::uint32_t ZonePlan::zone_of(const package::Addressee& ecu) const {
    const auto found = ecu.ecu() ? zones_.find(*ecu.ecu()) : zones_.end();
    return found == zones_.end() ? 0 : found->second;
}

std::optional<HardwareId> ZonePlan::hardware_of(const package::Addressee& ecu) const {
    const auto found = ecu.ecu() ? hardware_.find(*ecu.ecu()) : hardware_.end();
    return found == hardware_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Openings> ZonePlan::opens(const package::Addressee& ecu) const {
    const auto found = ecu.ecu() ? opens_.find(*ecu.ecu()) : opens_.end();
    return found == opens_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pitstop::cli
