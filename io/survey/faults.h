// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::survey::faults {

inline constexpr Fault busy{"survey.busy", Remedy::retry, "Another tester works on this ECU.",
                            "Nothing: it is asked again; if it stays so, look for a tester that is connected."};
inline constexpr Fault strange_answer{"survey.strange-answer", Remedy::refuse,
                                      "An ECU or zone answers a question about itself in no form that is known.",
                                      "Compare the versions of its software and of the gateway's."};

}  // namespace pitstop::io::survey::faults
