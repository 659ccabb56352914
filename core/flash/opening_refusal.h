// Why an ECU could not open what came in a download: one negative response code for each fault, of those that ISO
// 14229-1 annex A.1 leaves to vehicle makers (F0 to FE), so that the fault's name reaches the tester. ECU profile; both
// sides use this one table.
#pragma once

#include "core/base/result.h"
#include "core/uds/services.h"

namespace pitstop::flash {

// generalProgrammingFailure for a fault that has no code of its own.
[[nodiscard]] uds::Nrc refusal_of(const Error& error);
// Null for a code that is none of these.
[[nodiscard]] const Fault* fault_of_refusal(uds::Nrc nrc);

}  // namespace pitstop::flash
