// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::update::faults {

inline constexpr Fault nothing_directed{"update.nothing-directed", Remedy::refuse,
                                        "The director names no image for this vehicle, though an update was announced.",
                                        "Deploy the campaign to this vehicle again."};
inline constexpr Fault not_in_package{"update.not-in-package", Remedy::refuse,
                                      "The package of a campaign lacks an image that the director names.",
                                      "Deploy the campaign whose package was built for these targets."};
inline constexpr Fault package_differs{
    "update.package-differs", Remedy::distrust, "A package describes an image otherwise than the signed metadata does.",
    "Compare campaign_metadata.json with the repositories; one of them was changed."};
inline constexpr Fault too_large{"update.too-large", Remedy::refuse, "An image is larger than a package record can be.",
                                 "Build a smaller image."};
inline constexpr Fault bad_state{"update.bad-state", Remedy::stop, "The saved state of the gateway cannot be read.",
                                 "Delete the state file: the vehicle then asks the server anew."};

// The set of one campaign. Both say why the vehicle must not be driven.
inline constexpr Fault changing_over{
    "update.changing-over", Remedy::wait, "The ECUs of an update are changing over: some run new software, others old.",
    "Nothing to do: all of them get the new software, or all go back. Until then the vehicle stays where it is."};
inline constexpr Fault mixed_set{"update.mixed-set", Remedy::stop,
                                 "An update ended with some ECUs on the new software and others on the old.",
                                 "The detail names the ECUs that could not go back: bring the vehicle to a workshop."};

}  // namespace pitstop::update::faults
