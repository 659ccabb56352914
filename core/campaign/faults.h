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
inline constexpr Fault no_inventory{"campaign.no-inventory", Remedy::wait,
                                    "The vehicle has not said yet what it carries.",
                                    "It is asked at every wake-up; the update goes on when it has answered."};
inline constexpr Fault ecu_silent{"campaign.ecu-silent", Remedy::wait,
                                  "An ECU that the update touches did not answer in the vehicle.",
                                  "The vehicle is asked again; if it stays so, the ECU needs service."};
inline constexpr Fault unknown_ecu{"campaign.unknown-ecu", Remedy::refuse,
                                   "The campaign has an image for an ECU that the vehicle does not have.",
                                   "Deploy to vehicles that have the ECU, or correct the vehicle's description."};
inline constexpr Fault release_counter_back{
    "campaign.release-counter-back", Remedy::refuse,
    "An image of the campaign has a lower release counter than the one that is installed.",
    "ECUs never go back: build the software that you want with a higher release counter."};
inline constexpr Fault dependency_missing{
    "campaign.dependency-missing", Remedy::refuse,
    "An image needs another ECU's software that is neither installed nor part of the campaign.",
    "Put the needed image into the campaign, or deploy it first."};
inline constexpr Fault conflict{"campaign.conflict", Remedy::refuse,
                                "An image cannot stand the software that another ECU has or would get.",
                                "Put an image that it can stand for that ECU into the campaign, or deploy it first."};
inline constexpr Fault too_late{
    "campaign.too-late", Remedy::refuse, "The vehicle is already installing; the update can no longer be cancelled.",
    "Wait for the outcome; then deploy a campaign with the software that you want instead."};
inline constexpr Fault finished{"campaign.finished", Remedy::refuse, "This vehicle's update has already ended.",
                                "Deploy a new campaign if the vehicle needs other software."};

}  // namespace pitstop::campaign::faults
