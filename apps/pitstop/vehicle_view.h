// Vehicles as the server shows them (docs/openapi.yaml), for people.
#pragma once

#include "core/base/json.h"

#include <iosfwd>

namespace pitstop::cli {

void print_vehicles(const json::Object& list, std::ostream& out);
void print_vehicle(const json::Object& vehicle, std::ostream& out);
void print_manifest(const json::Object& manifest, std::ostream& out);
void print_vehicle_keys(const json::Object& keys, std::ostream& out);

}  // namespace pitstop::cli
