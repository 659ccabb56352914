// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::campaign::faults {

inline constexpr Fault bad_campaign{"campaign.bad-campaign", Remedy::refuse,
                                    "A campaign contradicts itself or is empty.",
                                    "The detail names what is wrong; correct the campaign."};
inline constexpr Fault unknown_phase{"campaign.unknown-phase", Remedy::refuse,
                                     "A phase or priority has a name that does not exist.",
                                     "Use the names of the campaign's phases as the glossary lists them."};
inline constexpr Fault wrong_hardware{"campaign.wrong-hardware", Remedy::refuse,
                                      "An ECU of the vehicle has other hardware than the image was made for.",
                                      "Deploy an image for the hardware that the vehicle's inventory shows."};
inline constexpr Fault too_late{
    "campaign.too-late", Remedy::refuse, "The vehicle is already installing; the update can no longer be cancelled.",
    "Wait for the outcome; then deploy a campaign with the software that you want instead."};
inline constexpr Fault finished{"campaign.finished", Remedy::refuse, "This vehicle's update has already ended.",
                                "Deploy a new campaign if the vehicle needs other software."};

}  // namespace pitstop::campaign::faults
