// The ECUs of one zone, or of all zones, of a described car (config/vehicle-100.yaml), each as config/ecu-can.yaml or
// config/ecu-ethernet.yaml would describe it alone.
#pragma once

#include "apps/ecu/settings.h"
#include "io/vehicle/vehicle_file.h"

#include <vector>

namespace pitstop::ecu {

// `zone` empty: of the whole car. vehicle.bad-description
[[nodiscard]] Result<std::vector<Settings>> ecus_of(const vehicle::Blueprint& car, std::string_view zone,
                                                    const io::CarPlace& place);

}  // namespace pitstop::ecu
