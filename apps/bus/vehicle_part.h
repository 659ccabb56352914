// All buses of one zone, or of all zones, of a described car (config/vehicle-100.yaml).
#pragma once

#include "apps/bus/settings.h"
#include "io/vehicle/vehicle_file.h"

#include <vector>

namespace pitstop::bus {

// `zone` empty: of the whole car. vehicle.bad-description
[[nodiscard]] Result<std::vector<Settings>> buses_of(const vehicle::Blueprint& car, std::string_view zone,
                                                     const io::CarPlace& place);

}  // namespace pitstop::bus
