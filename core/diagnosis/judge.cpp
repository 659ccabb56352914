#include "core/diagnosis/judge.h"

#include "core/diagnosis/faults.h"
#include "core/diagnosis/permission.h"
#include "core/diagnosis/run.h"

#include <format>

namespace pitstop::diagnosis {

Result<void> judge(const Job& job, const Circumstances& circumstances) {
    const Vin& own = circumstances.vehicle.vin;
    if (job.vin != own) return fail(faults::foreign, std::format("for {}, this is {}", job.vin.view(), own.view()));
    if (job.sequence <= circumstances.last_sequence)
        return fail(faults::replayed,
                    std::format("number {}, the last was {}", job.sequence, circumstances.last_sequence));
    const auto number_max = static_cast<std::uint64_t>((circumstances.now + lifetime_max).seconds);
    if (job.sequence > number_max)
        return fail(faults::bad_job, std::format("number {}, allowed is up to {} now", job.sequence, number_max));
    if (job.expires <= circumstances.now)
        return fail(faults::expired, std::format("at {}, now is {}", job.expires.str(), circumstances.now.str()));
    ENSURE(check_allowed(job));
    ENSURE(members_of(job.target, circumstances.vehicle).transform([](const auto&) {}));
    ENSURE(check_ready(job.requirements, circumstances.conditions));
    if (circumstances.waiting >= jobs_waiting_max)
        return fail(faults::queue_full, std::format("{} are waiting", circumstances.waiting));
    return {};
}

Result<void> check_ready(const Requirements& requirements, const vehicle::Conditions& now) {
    if (requirements.motion && *requirements.motion != now.motion)
        return fail(faults::not_ready, "the vehicle is not parked");
    if (requirements.ignition && *requirements.ignition != now.ignition)
        return fail(faults::not_ready,
                    std::format("the ignition is {}", now.ignition == vehicle::Ignition::on ? "on" : "off"));
    return {};
}

}  // namespace pitstop::diagnosis
