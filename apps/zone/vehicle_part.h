// One zonal gateway of a described car (config/vehicle-100.yaml), as config/zone.yaml would describe it.
#pragma once

#include "apps/zone/settings.h"
#include "io/vehicle/vehicle_file.h"

namespace pitstop::zone {

[[nodiscard]] Result<Settings> gateway_of(const vehicle::Blueprint& car, std::string_view zone,
                                          const io::CarPlace& place);  // vehicle.bad-description

}  // namespace pitstop::zone
