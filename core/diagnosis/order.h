// What travels to a vehicle in a DIAGNOSTIC_REQUEST: a job, or the wish that one be cancelled, signed by the keys of
// the Director's role `targets` as the vehicle trusts them now. A rotation of those keys needs nothing of its own.
//
// {"signatures": […], "signed": {"_type": "diagnostic-job" | "diagnostic-cancel", "spec_version": …, …}}: the envelope
// of all Uptane files, hybrid, over canonical JSON. The type keeps the domains apart: no Targets file is an order, and
// no order a Targets file.
//
// Bring the trusted Root, whose own date the caller has checked. Faults: base.*; uptane.wrong-role …
// threshold-not-reached; diagnosis.bad-job.
#pragma once

#include "core/diagnosis/job.h"
#include "core/uptane/roles.h"

#include <variant>

namespace pitstop::diagnosis {

inline constexpr std::string_view job_type = "diagnostic-job";
inline constexpr std::string_view cancel_type = "diagnostic-cancel";

// Its effect is the same however often it is heard; ids never come again.
struct Cancel {
    JobId id;
    Vin vin;
    bool operator==(const Cancel&) const = default;
};
using Order = std::variant<Job, Cancel>;

// As it came; nothing but open_order takes it.
struct ReceivedOrder {
    const json::Object& file;
};

[[nodiscard]] Result<Order> open_order(ReceivedOrder received, const uptane::Root& director);
// Which job this claims to be about, for the answer to an order that is not believed.
[[nodiscard]] std::optional<JobId> claimed_job(ReceivedOrder received);

[[nodiscard]] json::Object write_order_kind(std::string_view type);
[[nodiscard]] json::Object to_json(const Cancel& cancel);

}  // namespace pitstop::diagnosis
