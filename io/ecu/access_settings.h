// Who may program this ECU, and, where it is a zonal gateway, order work on those behind it: the section `access:` of
// its configuration (docs/formats/access.md).
#pragma once

#include "core/uds/authentication_server.h"
#include "io/config/section.h"
#include "io/vehicle/vehicle_file.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace pitstop::ecu {

struct AccessSettings {
    std::vector<std::filesystem::path> authorities;  // of testers' certificates; none: no 0x29
    uds::WantedProofs proofs = uds::WantedProofs::both;
    std::optional<std::filesystem::path> security_key;  // of 0x27; none: no 0x27
};

// Nothing where there is no such section: the ECU is open. config.*
[[nodiscard]] Result<std::optional<AccessSettings>> read_access(const io::config::Section& root);

// Of every ECU of a described car on this machine; nothing where no authority lies in its place.
[[nodiscard]] std::optional<AccessSettings> access_of(const io::CarPlace& place);

}  // namespace pitstop::ecu
