// What this vehicle shall install: the Director's word, confirmed by the Image repository, fitted to the vehicle
// (Uptane 2.1.0 #full_verification, step 10).
//
// Bring two TrustSets whose Targets were accepted in this cycle (and, in the Image repository, the delegated roles that
// TrustSet::look_up asks for), and the vehicle's own ECUs. An empty list is a valid answer: nothing to do, said to this
// VIN. All or nothing: one bad target refuses the whole.
//
// Faults: uptane.out-of-order, wrong-vin, unknown-ecu, duplicate-ecu, wrong-hardware, not-in-image-repository,
// repositories-disagree, release-counter-back.
#pragma once

#include "core/base/ids.h"
#include "core/uptane/trust_set.h"

#include <span>
#include <vector>

namespace pitstop::uptane {

struct VehicleEcu {
    EcuId id;
    HardwareId hardware;
    Version installed;
    std::uint32_t release_counter = 0;  // of what is installed and committed
};

// The only description of an image that anybody may install from.
struct TrustedTarget {
    EcuId ecu;
    HardwareId hardware;
    TargetName name;
    std::uint64_t length_bytes = 0;
    Sha256Digest sha256{};
    Sha512Digest sha512{};
    Version version;
    std::uint32_t release_counter = 0;
    std::optional<Delivery> delivery = {};  // in which form it is fetched; nothing: as it is

    bool operator==(const TrustedTarget&) const = default;
};

// The two repositories' descriptions of one image: length, every digest that either lists and at least one in common;
// in our dialect also version and release counter.
[[nodiscard]] Result<void> check_agreement(const TargetPath& name, const TargetInfo& director, const TargetInfo& image,
                                           const Rules& rules);

// In the order of ECU ids.
[[nodiscard]] Result<std::vector<TrustedTarget>> match(const Vin& vin, std::span<const VehicleEcu> ecus,
                                                       const TrustSet& director, const TrustSet& image);

// The same for one who knows a part of the vehicle only: images for other ECUs are passed over.
[[nodiscard]] Result<std::vector<TrustedTarget>> match_own(const Vin& vin, std::span<const VehicleEcu> ecus,
                                                           const TrustSet& director, const TrustSet& image);

}  // namespace pitstop::uptane
