// The faults of this program.
#pragma once

#include "core/base/result.h"

namespace pitstop::gateway::faults {

inline constexpr Fault wrong_image{
    "gateway.wrong-image", Remedy::distrust, "A downloaded image is not the one that the signed metadata names.",
    "Compare the stored package with the one that was built; it was damaged or changed."};
inline constexpr Fault metadata_changed{"gateway.metadata-changed", Remedy::distrust,
                                        "campaign_metadata.json is not the file that the server announced.",
                                        "Deploy the campaign again; if it stays so, look at the server's store."};
inline constexpr Fault package_too_short{"gateway.package-too-short", Remedy::distrust,
                                         "A package ends before the last image that its directory names.",
                                         "Upload full_package.bin and campaign_metadata.json of one build."};
inline constexpr Fault conditions_unknown{"gateway.conditions-unknown", Remedy::wait,
                                          "The vehicle's conditions cannot be read.",
                                          "Look at the file that `conditions` in the gateway's configuration names."};
inline constexpr Fault work_stopped{"gateway.work-stopped", Remedy::retry,
                                    "Work on an ECU ended early, because the update was given up.",
                                    "Nothing: the outcome of the update says why."};
inline constexpr Fault ecu_missing{"gateway.ecu-missing", Remedy::retry,
                                   "A zonal gateway could not learn what one of its ECUs is.",
                                   "The detail is the zone's own reason; look at the ECU, its bus and the zone."};
inline constexpr Fault zone_forgot{"gateway.zone-forgot", Remedy::retry,
                                   "A zone does not know the work any more that it was ordered to do.",
                                   "Nothing: the zone restarted, and is told again."};
inline constexpr Fault not_taken{"gateway.not-taken", Remedy::retry, "A zone did not take what it was sent to keep.",
                                 "If it happens again, compare the payload with the one that was built."};
inline constexpr Fault cannot_store{"gateway.cannot-store", Remedy::stop,
                                    "The gateway cannot write into its state folder.",
                                    "The detail gives the system's reason; check owner, permissions and free space."};

}  // namespace pitstop::gateway::faults
