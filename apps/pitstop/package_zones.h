// Which gateway brings an image to its ECU: the plan by which a full package is cut into zones' packages.
//
// By default a vehicle has ten zones: the gateway of the n-th is ECU_091 … ECU_100, and behind it are five ECUs in each
// of the first five (ECU_001 to 005, 006 to 010, …) and fifteen in each of the others (ECU_026 to 040, …), as far as
// the numbers go. A vehicle's own description (the keys zones, buses and ecus of gateway.yaml) says it better: zones
// count in the order in which they stand there, and an ECU on the backbone itself belongs to no zone but to the master
// gateway. Faults: those of io/config; config.out-of-range for what contradicts itself.
#pragma once

#include "core/package/addressee.h"

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace pitstop::cli {

class ZonePlan {
public:
    [[nodiscard]] static ZonePlan usual();
    [[nodiscard]] static Result<ZonePlan> from_file(const std::filesystem::path& file);

    // Counted from 1; 0 for what the master gateway brings itself.
    [[nodiscard]] std::uint32_t zone_of(const package::Addressee& ecu) const;
    [[nodiscard]] const std::vector<EcuId>& gateways() const { return gateways_; }  // of the zones, in their order
    [[nodiscard]] std::optional<HardwareId> hardware_of(const package::Addressee& ecu) const;  // where it is described

private:
    std::vector<EcuId> gateways_;
    std::map<EcuId, std::uint32_t> zones_;
    std::map<EcuId, HardwareId> hardware_;
};

}  // namespace pitstop::cli
