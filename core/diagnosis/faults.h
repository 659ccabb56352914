// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::diagnosis::faults {

inline constexpr Fault bad_job{"diagnosis.bad-job", Remedy::refuse, "A diagnostic job contradicts itself or a limit.",
                               "The detail names the member; docs/formats/diagnosis.md has the limits."};
inline constexpr Fault foreign{"diagnosis.foreign", Remedy::distrust, "A diagnostic job is for another vehicle.",
                               "Look at who publishes on this vehicle's topics: the broker must keep them apart."};
inline constexpr Fault expired{"diagnosis.expired", Remedy::refuse, "A diagnostic job came after its date.",
                               "Create it again; give it longer if the vehicle is seldom connected."};
inline constexpr Fault replayed{"diagnosis.replayed", Remedy::distrust,
                                "A diagnostic job is older than one that this vehicle has taken.",
                                "Nothing happened. Find out who publishes old jobs; create it again if it was yours."};
inline constexpr Fault retained{
    "diagnosis.retained", Remedy::distrust, "A diagnostic job lay on the broker as a retained message.",
    "Nothing happened. The server never retains jobs: delete the message, find its author."};
inline constexpr Fault not_allowed{"diagnosis.not-allowed", Remedy::refuse,
                                   "A diagnostic job asks for a service that its role may not use.",
                                   "docs/formats/diagnosis.md lists the services of each role; flashing is never among "
                                   "them."};
inline constexpr Fault not_ready{"diagnosis.not-ready", Remedy::wait,
                                 "The vehicle is not in the state that a diagnostic job requires.",
                                 "The detail names the condition; create the job again when it is met."};
inline constexpr Fault unknown_target{"diagnosis.unknown-target", Remedy::refuse,
                                      "A diagnostic job is for an ECU or a zone that this vehicle does not have.",
                                      "`pitstop vehicle show VIN` lists what it has."};
inline constexpr Fault queue_full{"diagnosis.queue-full", Remedy::retry,
                                  "The vehicle has as many diagnostic jobs waiting as it takes.",
                                  "Create it again when the others have ended, or cancel one of them."};
inline constexpr Fault ecu_busy{"diagnosis.ecu-busy", Remedy::retry,
                                "An ECU was busy with other work, such as an update, until the step's time was over.",
                                "Create the job again when the update has ended."};
inline constexpr Fault unexpected_answer{"diagnosis.unexpected-answer", Remedy::refuse,
                                         "An ECU's answer is not the one that the step expected.",
                                         "Compare the answer with the step's expectation."};
inline constexpr Fault cancelled{"diagnosis.cancelled", Remedy::refuse,
                                 "A diagnostic job was cancelled; steps that had begun were finished.",
                                 "Nothing: somebody wished it so."};
inline constexpr Fault out_of_time{"diagnosis.out-of-time", Remedy::retry,
                                   "A diagnostic job had not ended at its date; steps that had begun were finished.",
                                   "Give it longer, or fewer steps."};
inline constexpr Fault interrupted{"diagnosis.interrupted", Remedy::retry,
                                   "The vehicle's gateway restarted while a diagnostic job ran. No step is done twice.",
                                   "Look at the results of the steps that ended, and create a job for the others."};

}  // namespace pitstop::diagnosis::faults
