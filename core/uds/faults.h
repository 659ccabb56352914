// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::uds::faults {

inline constexpr Fault no_answer{
    "uds.no-answer", Remedy::retry, "An ECU did not answer a diagnostic request in time.",
    "Check that the ECU is powered and its bus connected; then ask again. A gateway does so by itself."};
inline constexpr Fault pending_too_long{"uds.pending-too-long", Remedy::retry,
                                        "An ECU kept saying that its answer is pending, beyond what we wait for.",
                                        "Look at the ECU's own log; then ask again. A gateway does so by itself."};
inline constexpr Fault refused{"uds.refused", Remedy::refuse, "An ECU refused a diagnostic request.",
                               "The detail names the service and the negative response code of ISO 14229-1."};
inline constexpr Fault broken_dtc_memory{
    "uds.broken-dtc-memory", Remedy::stop, "What an ECU kept of its fault memory cannot be read.",
    "The ECU starts with an empty fault memory. Look at the file beside its flash, or at the disk."};
inline constexpr Fault strange_answer{"uds.strange-answer", Remedy::retry,
                                      "An ECU's answer to a diagnostic request is malformed.",
                                      "Look at what stands between tester and ECU; the detail names the message."};
inline constexpr Fault no_way_in{"uds.no-way-in", Remedy::refuse,
                                 "The ECU asks for a proof that this tester cannot give.",
                                 "Give it a credential of the families that the ECU wants, or the ECU's key."};

}  // namespace pitstop::uds::faults
