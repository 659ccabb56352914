// A diagnostic job as the command line says it, and as people read it. Nothing here asks anybody.
// Faults: cli.bad-did, bad-step, job-failed; base.*; those of core/diagnosis/job.h.
#pragma once

#include "core/diagnosis/job.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace pitstop::cli {

struct JobOptions {
    std::string ecu = {}, zone = {};      // neither: all ECUs
    std::vector<std::string> dids = {};   // "F190"
    std::vector<std::string> steps = {};  // "REQUEST[=EXPECTATION]", in hex
    std::string ignition = {};            // "on", "off", or nothing
    bool functional = false, parked = false, go_on = false;
    std::uint32_t timeout_ms = diagnosis::timeout_ms_usual;
};

[[nodiscard]] Result<diagnosis::Wish> wish_from(const JobOptions& options);
// "22f190=62f190" begins so, "22f190==62f19057" is exactly so, "14ffffff=!22" is refused with that code, "3e00=any"
[[nodiscard]] Result<diagnosis::Step> step_from(std::string_view text);

void print_jobs(const json::Object& list, std::ostream& out);
void print_job(const json::Object& job, std::ostream& out);
// Whether it waits or runs no more.
[[nodiscard]] bool job_has_ended(const json::Object& job);
[[nodiscard]] Result<void> check_passed(const json::Object& job);

}  // namespace pitstop::cli
