// The keys of one vehicle, put together from files for PUT /api/v1/vehicles/{vin}/keys (docs/openapi.yaml).
//
// Faults: cli.bad-vehicle-keys, base.bad-ecu-id, uptane.bad-registration, io/keys.
#pragma once

#include "core/base/json.h"

#include <span>
#include <string>

namespace pitstop::cli {

// `primary`: files; `ecus`: "ECU_011=FILE,FILE". Judged here as the server would, so that a mistake is seen at the
// desk.
[[nodiscard]] Result<json::Object> vehicle_keys_from(std::span<const std::string> primary,
                                                     std::span<const std::string> ecus);

}  // namespace pitstop::cli
