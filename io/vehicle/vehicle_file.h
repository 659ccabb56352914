// The file that describes a whole car (config/vehicle-100.yaml), and where the parts of a running one find each other
// and their files.
//
// Every program of the car reads the same file and takes its part: a zone's gateway, its buses, its ECUs. Faults:
// config.* with the place in the file.
#pragma once

#include "core/vehicle/blueprint.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace pitstop::io {

[[nodiscard]] Result<vehicle::Blueprint> read_vehicle(const std::filesystem::path& file);

// One car that runs on this machine: its folder, and its network 127.0.<network>.x.
struct CarPlace {
    std::filesystem::path folder;
    std::uint8_t network = 0;

    [[nodiscard]] std::string bus_address(std::string_view bus) const;      // unix:<folder>/<bus>.sock
    [[nodiscard]] std::filesystem::path flash(EcuId ecu) const;             // <folder>/ECU_011.flash
    [[nodiscard]] std::filesystem::path trust(EcuId ecu) const;             // <folder>/ECU_011.trust
    [[nodiscard]] std::filesystem::path factory_image() const;              // <folder>/factory.img
    [[nodiscard]] std::filesystem::path director_root() const;              // <folder>/roots/director.json
    [[nodiscard]] std::filesystem::path image_root() const;                 // <folder>/roots/image.json
    [[nodiscard]] std::filesystem::path classical_key(EcuId ecu) const;     // <folder>/keys/ECU_011-classical.key
    [[nodiscard]] std::filesystem::path post_quantum_key(EcuId ecu) const;  // <folder>/keys/ECU_011-pq.key
    // Who may program its ECUs, and with what its zonal gateways show that they may (docs/formats/access.md). Where
    // they are missing its ECUs are open.
    [[nodiscard]] std::filesystem::path classical_authority() const;     // <folder>/roots/diagnostics-classical.crt
    [[nodiscard]] std::filesystem::path post_quantum_authority() const;  // <folder>/roots/diagnostics-pq.crt
    [[nodiscard]] std::filesystem::path credential(EcuId zone) const;    // <folder>/credentials/ECU_091
};

}  // namespace pitstop::io
