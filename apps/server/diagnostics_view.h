// A diagnostic job as the REST interface shows it (docs/openapi.yaml), every negative response in clear text.
#pragma once

#include "core/base/json.h"
#include "io/store/diagnostics.h"

#include <span>

namespace pitstop::server {

// waiting: the vehicle has not answered; running: it has taken the job. The others are ends.
inline constexpr std::string_view state_waiting = "waiting", state_running = "running", state_passed = "passed",
                                  state_failed = "failed", state_refused = "refused", state_expired = "expired",
                                  state_cancelled = "cancelled";

[[nodiscard]] json::Object view_of_job_line(const io::store::DiagnosticJobRow& row);
// With its steps, and under each what the ECUs have answered so far. Faults: base.*, diagnosis.bad-job where the store
// holds what this version cannot read.
[[nodiscard]] Result<json::Object> view_of_job(const io::store::DiagnosticJobRow& row,
                                               std::span<const std::string> results);

}  // namespace pitstop::server
