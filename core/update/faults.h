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

}  // namespace pitstop::update::faults
