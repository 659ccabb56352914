#include "core/vehicle/blueprint.h"

#include "core/vehicle/faults.h"
#include "core/vehicle/limits.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::vehicle {
namespace {

constexpr std::uint16_t doip_port = 13400;
constexpr std::uint32_t bank_kib_max = 1U << 20;  // a GiB: what flash offsets reach

Result<void> check_make(const EcuPlan& ecu) {
    const EcuMake& make = ecu.make;
    if (make.bank_kib == 0 || make.bank_kib > bank_kib_max || make.sector_kib == 0 ||
        make.bank_kib % make.sector_kib != 0)
        return fail(faults::bad_description, std::format("{} has a bank of {} KiB in sectors of {} KiB", ecu.ecu.str(),
                                                         make.bank_kib, make.sector_kib));
    return {};
}

Result<void> check_zone(const ZonePlan& zone) {
    if (zone.own) ENSURE(check_make(*zone.own));
    for (const BusPlan& bus : zone.buses)
        if (bus.bits_per_s == 0 || (bus.kind == BusKind::can_fd && bus.data_bits_per_s < bus.bits_per_s))
            return fail(faults::bad_description,
                        std::format("bus '{:.40}' is slower in its data phase than before it", bus.name));
    for (const EcuPlan& ecu : zone.ecus) {
        ENSURE(check_make(ecu));
        if (!ecu.bus.empty() && zone.find_bus(ecu.bus) == nullptr)
            return fail(faults::bad_description, std::format("{} is on bus '{:.40}', which zone '{:.40}' does not have",
                                                             ecu.ecu.str(), ecu.bus, zone.name));
    }
    return {};
}

EcuDescription described(const EcuPlan& ecu, std::uint8_t network) {
    if (!ecu.bus.empty()) return {ecu.ecu, ecu.hardware, Link::can_fd, {}, 0, ecu.bus};
    return {ecu.ecu, ecu.hardware, Link::doip, host_of(ecu.ecu, network), doip_port, {}};
}

}  // namespace

const BusPlan* ZonePlan::find_bus(std::string_view bus) const {
    const auto found = std::ranges::find(buses, bus, &BusPlan::name);
    return found == buses.end() ? nullptr : &*found;
}

Result<void> Blueprint::check() const {
    std::set<std::string_view> zone_names, bus_names;
    for (const ZonePlan& zone : zones) {
        if (!zone_names.insert(zone.name).second)
            return fail(faults::bad_description, std::format("zone '{:.40}' stands twice", zone.name));
        for (const BusPlan& bus : zone.buses)
            if (!bus_names.insert(bus.name).second)
                return fail(faults::bad_description, std::format("bus '{:.40}' stands twice", bus.name));
        ENSURE(check_zone(zone));
    }
    return description(0).check();
}

Result<const ZonePlan*> Blueprint::zone(std::string_view name) const {
    const auto found = std::ranges::find(zones, name, &ZonePlan::name);
    if (found == zones.end()) return fail(faults::bad_description, std::format("there is no zone '{:.40}'", name));
    return &*found;
}

std::size_t Blueprint::ecu_count() const {
    std::size_t count = zones.size();
    for (const ZonePlan& zone : zones) count += zone.ecus.size();
    return count;
}

Blueprint Blueprint::reduced_to(std::size_t zones_max) const {
    Blueprint smaller = *this;
    if (zones_max < smaller.zones.size()) smaller.zones.erase(smaller.zones.begin() + zones_max, smaller.zones.end());
    return smaller;
}

Description Blueprint::description(std::uint8_t network) const {
    Description car{vin, {}, {}, {}};
    for (const ZonePlan& zone : zones) {
        car.zones.push_back({zone.name, zone.gateway, host_of(zone.gateway, network), doip_port});
        for (const BusPlan& bus : zone.buses) car.buses.push_back({bus.name, zone.name});
        for (const EcuPlan& ecu : zone.ecus) car.ecus.push_back(described(ecu, network));
        if (zone.own) car.ecus.push_back(described(*zone.own, network));
    }
    return car;
}

std::string host_of(EcuId entity, std::uint8_t network) { return std::format("127.0.{}.{}", network, entity.number()); }

}  // namespace pitstop::vehicle
