// Which gateway brings an image to its ECU: the plan by which a full package is cut into zones' packages.
//
// By default a vehicle has ten zones: the gateway of the n-th is ECU_091 … ECU_100, and behind it are five ECUs in each
// of the first five (ECU_001 to 005, 006 to 010, …) and fifteen in each of the others (ECU_026 to 040, …), as far as
// the numbers go. A vehicle's own description says it better: the keys zones, buses and ecus of gateway.yaml, or a
// whole car as in vehicle-100.yaml, which a gateway.yaml may name too. Zones count in the order in which they stand
// there, and an ECU that is not on a bus of its zone is reached by the master gateway itself: it belongs to no zone.
// Faults: those of io/config, core/vehicle; config.out-of-range for what contradicts itself.
#pragma once

#include "core/base/form.h"
#include "core/package/addressee.h"
#include "core/vehicle/blueprint.h"

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace pitstop::io::config {
class Section;
}

namespace pitstop::cli {

class ZonePlan {
public:
    [[nodiscard]] static ZonePlan usual();
    [[nodiscard]] static Result<ZonePlan> from_file(const std::filesystem::path& file);

    // Counted from 1; 0 for what the master gateway brings itself.
    [[nodiscard]] std::uint32_t zone_of(const package::Addressee& ecu) const;
    [[nodiscard]] const std::vector<EcuId>& gateways() const { return gateways_; }  // of the zones, in their order
    [[nodiscard]] std::optional<HardwareId> hardware_of(const package::Addressee& ecu) const;  // where it is described
    [[nodiscard]] std::optional<Openings> opens(const package::Addressee& ecu) const;          // the same

private:
    [[nodiscard]] static Result<ZonePlan> named_elsewhere(const io::config::Section& root);
    [[nodiscard]] static ZonePlan of_car(const vehicle::Blueprint& car);
    void describe(const vehicle::EcuPlan& ecu);

    std::vector<EcuId> gateways_;
    std::map<EcuId, std::uint32_t> zones_;
    std::map<EcuId, HardwareId> hardware_;
    std::map<EcuId, Openings> opens_;
};

}  // namespace pitstop::cli
