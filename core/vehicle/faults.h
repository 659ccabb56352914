// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::vehicle::faults {

inline constexpr Fault too_much{"vehicle.too-much", Remedy::refuse,
                                "A text or list about a vehicle is longer than allowed.",
                                "The detail names the member and its limit; correct the sender."};
inline constexpr Fault ambiguous{"vehicle.ambiguous", Remedy::refuse,
                                 "An ECU is named twice where it may be named once.",
                                 "The detail names the ECU; correct the sender or the vehicle description."};
inline constexpr Fault bad_description{"vehicle.bad-description", Remedy::refuse,
                                       "A vehicle description contradicts itself.",
                                       "The detail names the ECU and what is wrong; correct the description."};
inline constexpr Fault bad_collection{
    "vehicle.bad-collection", Remedy::refuse, "What a zone says of its ECUs is damaged or of another format.",
    "The detail says where; the zone's software and the gateway's must fit together."};
inline constexpr Fault not_ready{"vehicle.not-ready", Remedy::wait,
                                 "A condition for updating the vehicle is not met yet.",
                                 "The detail names the conditions; the vehicle tries again by itself."};

}  // namespace pitstop::vehicle::faults
