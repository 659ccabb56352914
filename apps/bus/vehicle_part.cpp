#include "apps/bus/vehicle_part.h"

namespace pitstop::bus {

Result<std::vector<Settings>> buses_of(const vehicle::Blueprint& car, std::string_view zone,
                                       const io::CarPlace& place) {
    if (!zone.empty()) {
        TRY(const vehicle::ZonePlan* only, car.zone(zone));
        static_cast<void>(only);
    }
    std::vector<Settings> buses;
    for (const vehicle::ZonePlan& each : car.zones) {
        if (!zone.empty() && each.name != zone) continue;
        for (const vehicle::BusPlan& bus : each.buses)
            buses.push_back(
                {.listen = place.bus_address(bus.name), .rates = {bus.bits_per_s, bus.data_bits_per_s}, .pcap = {}});
    }
    return buses;
}

}  // namespace pitstop::bus
