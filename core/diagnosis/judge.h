// Whether this vehicle obeys a job whose signatures are good. Pure; every refusal has its fault.
//
// Faults, in this order: diagnosis.foreign, replayed, bad-job, expired, not-allowed, unknown-target, not-ready,
// queue-full. bad-job: its number is further ahead of the time than a job may live; whoever once held the signing keys
// could lock out all honest jobs after it for ever.
#pragma once

#include "core/diagnosis/job.h"
#include "core/vehicle/description.h"

namespace pitstop::diagnosis {

struct Circumstances {
    const vehicle::Description& vehicle;
    UtcTime now;                      // attested
    std::uint64_t last_sequence = 0;  // of the jobs that were taken before
    std::size_t waiting = 0;          // jobs that have not begun
    vehicle::Conditions conditions = {};
};

[[nodiscard]] Result<void> judge(const Job& job, const Circumstances& circumstances);

// Also before each step: a parked car may have been driven away.
[[nodiscard]] Result<void> check_ready(const Requirements& requirements, const vehicle::Conditions& now);

}  // namespace pitstop::diagnosis
