// The allow-list: which UDS services a job may use in the name of which role. What is not named here is refused, by the
// server before it signs, and again by the vehicle before it obeys.
//
// A viewer reads identification (22) and fault memory (19). An operator also reads every identifier, clears the fault
// memory (14), changes to the default and the extended session (10), runs the routines F001 to F004, and resets (11) a
// parked car. A release manager and an admin also write (2E), control (2F) and run other routines (31) in a parked car.
// Nobody downloads, uploads, reads or writes memory, moves files or proves an identity by a job (34 to 38, 23, 3D, 27,
// 29), nor starts what belongs to an update: that is the updater's, with its own proofs.
// Faults: diagnosis.not-allowed.
#pragma once

#include "core/diagnosis/job.h"

namespace pitstop::diagnosis {

[[nodiscard]] Result<void> check_allowed(Role role, View request, const Requirements& requirements);
[[nodiscard]] Result<void> check_allowed(Role role, const Wish& wish);
[[nodiscard]] Result<void> check_allowed(const Job& job);

}  // namespace pitstop::diagnosis
