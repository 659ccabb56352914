// Whether a vehicle may be told to run these images: a pure judgement over its last inventory.
//
// Bring:  the images of a campaign, what the vehicle said it carries (nothing where it never said), and what the Image
//         repository knows of the images that it carries, by ECU.
// Back:   nothing against it, or every reason, one each for the ECU that it is about. A campaign is a set: one reason
//         holds all of it up. ECUs that run their image already are named; for them nothing is to be done.
// What is judged: the ECU is there and answered, its hardware, that no release counter goes back, and that all
// dependencies and conflicts hold after the update. Of images that stay, only what the update touches is judged: an old
// quarrel between two others is no reason.
// Faults: campaign.no-inventory, ecu-silent (remedy wait: ask the vehicle again); unknown-ecu, wrong-hardware,
// release-counter-back, dependency-missing, conflict.
#pragma once

#include "core/base/constraints.h"
#include "core/campaign/campaign.h"
#include "core/vehicle/inventory.h"

#include <optional>
#include <span>
#include <vector>

namespace pitstop::campaign {

// What is known of the image that an ECU runs, found by its digest.
struct KnownImage {
    EcuId ecu;
    std::uint32_t release_counter = 0;
    Constraints constraints;
};

struct Obstacle {
    std::optional<EcuId> ecu;
    Error error;
};

struct Resolution {
    std::vector<EcuId> running;  // run what they should
    std::vector<Obstacle> obstacles;

    [[nodiscard]] bool possible() const { return obstacles.empty(); }
    // Nothing speaks against it but that the vehicle has not said enough yet.
    [[nodiscard]] bool must_wait() const;
    [[nodiscard]] std::string in_one_sentence() const;  // of all obstacles, for a person
};

[[nodiscard]] Resolution resolve(std::span<const Target> wanted, const vehicle::Inventory* inventory,
                                 std::span<const KnownImage> known);

// Whether an image that was directed before still fits the ECU that it was directed to. Otherwise the vehicle would
// refuse everything that stands beside it.
[[nodiscard]] bool still_fits(EcuId ecu, std::span<const HardwareId> hardware, std::uint32_t release_counter,
                              const vehicle::Inventory& inventory, std::span<const KnownImage> known);

}  // namespace pitstop::campaign
