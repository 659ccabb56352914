// One job on its way through one vehicle, deciding cut from doing: which ECU is asked what next, what its answer means,
// and what it all comes to. The shell asks, in parallel over the lanes, and tells.
//
//     TRY(JobRun run, JobRun::plan(job, vehicle));
//     for each lane at the same time:
//         while (const Step* step = run.upcoming(lane))                // null: this lane has ended
//             …wait for the ECUs of this lane…
//             if (run.next(lane)) run.on_answers(lane, …ask its ECU or zone, or why nobody was asked…);
//         run.stop(error) at any time: no further step is begun anywhere
//     run.take_results() now and then, run.summary() at the end
//
// A lane is one ECU, or with functional addressing one zone whose ECUs are asked together; a step that fails for one
// of them ends the lane where the step says so. Faults of plan(): diagnosis.unknown-target.
#pragma once

#include "core/diagnosis/report.h"
#include "core/vehicle/description.h"

#include <span>

namespace pitstop::diagnosis {

struct Member {
    EcuId ecu;
    std::string zone;  // empty: on Ethernet, behind no zonal gateway
};
[[nodiscard]] Result<std::vector<Member>> members_of(const Target& target, const vehicle::Description& vehicle);

struct Lane {
    std::vector<EcuId> ecus;
    std::optional<EcuId> zone_gateway;  // of a functional lane
};

// What one ECU said to a step, or why it said nothing. `answer` is the positive one.
struct Heard {
    EcuId ecu;
    Bytes answer = {};
    std::optional<uds::Nrc> nrc = {};
    std::optional<Error> silence = {};
    std::uint32_t took_ms = 0;
};

class JobRun {
public:
    [[nodiscard]] static Result<JobRun> plan(Job job, const vehicle::Description& vehicle);

    [[nodiscard]] const Job& job() const { return job_; }
    [[nodiscard]] std::span<const Lane> lanes() const { return lanes_; }

    [[nodiscard]] const Step* upcoming(std::size_t lane) const;
    [[nodiscard]] const Step* next(std::size_t lane);  // the same, and begins it
    // Whoever is not among `heard` was silent.
    void on_answers(std::size_t lane, std::span<const Heard> heard);

    // Steps that have begun still count. The first reason stays.
    void stop(const Error& why);
    [[nodiscard]] bool stopped() const { return stopped_.has_value(); }
    [[nodiscard]] bool ended() const;

    // What came since the last call. After the end also the steps that were left out.
    [[nodiscard]] std::vector<StepResult> take_results();
    [[nodiscard]] Summary summary() const;

private:
    struct Progress {
        std::size_t next_step = 0;
        bool asking = false;
        bool ended = false;
    };

    JobRun(Job job, std::vector<Member> members);
    [[nodiscard]] StepResult judge(const Step& step, std::size_t number, const Heard& heard) const;
    void note(StepResult result);
    void end(std::size_t lane, std::string_view why);

    Job job_;
    std::vector<Lane> lanes_;
    std::vector<Progress> progress_;  // by lane
    std::map<EcuId, EcuSummary> sums_;
    std::vector<StepResult> untold_;
    std::optional<Error> stopped_;
    std::string first_fault_;
};

// The sums where a gateway does not know what came of a job that ran when it ended: all is left out, for this reason.
[[nodiscard]] Summary summary_of_unknown(const std::vector<Member>& members, const Error& why, std::size_t steps);

}  // namespace pitstop::diagnosis
