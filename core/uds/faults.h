// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::uds::faults {

inline constexpr Fault no_answer{"uds.no-answer", Remedy::retry, "An ECU did not answer a diagnostic request in time.",
                                 "Check that the ECU is powered and its bus connected; the request is repeated."};
inline constexpr Fault pending_too_long{"uds.pending-too-long", Remedy::retry,
                                        "An ECU kept saying that its answer is pending, beyond what we wait for.",
                                        "Look at the ECU's own log; the request is repeated."};
inline constexpr Fault refused{"uds.refused", Remedy::refuse, "An ECU refused a diagnostic request.",
                               "The detail names the service and the negative response code of ISO 14229-1."};

}  // namespace pitstop::uds::faults
