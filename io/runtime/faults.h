// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::faults {

inline constexpr Fault deadline{
    "io.deadline", Remedy::retry, "Something did not happen in the time allowed for it.",
    "The detail names what was awaited; see whether the other side runs and can be reached."};
inline constexpr Fault cancelled{"io.cancelled", Remedy::retry,
                                 "A task was ended before it was done, because its owner stops.",
                                 "Nothing: it is tried again at the next start."};
inline constexpr Fault failed{"io.failed", Remedy::retry, "The operating system refused an operation.",
                              "The detail names the operation and the system's reason."};
inline constexpr Fault unexpected_exception{"io.unexpected-exception", Remedy::stop,
                                            "A library failed in a way that was not foreseen.",
                                            "Report it with the log: this is a defect of Pitstop."};
inline constexpr Fault process_not_started{"io.process-not-started", Remedy::stop,
                                           "A program that is needed could not be started.",
                                           "The detail names the program; install it or correct the path."};

}  // namespace pitstop::io::faults
