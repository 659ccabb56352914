#include "core/diagnosis/run.h"

#include "core/diagnosis/faults.h"
#include "core/uds/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::diagnosis {
namespace {

std::string zone_of(const vehicle::EcuDescription& ecu, const vehicle::Description& vehicle) {
    const auto bus = std::ranges::find(vehicle.buses, ecu.bus, &vehicle::Bus::name);
    return ecu.bus.empty() || bus == vehicle.buses.end() ? std::string() : bus->zone;
}

std::optional<EcuId> gateway_of(const std::string& zone, const vehicle::Description& vehicle) {
    const auto found = std::ranges::find(vehicle.zones, zone, &vehicle::Zone::name);
    return found == vehicle.zones.end() ? std::nullopt : std::optional(found->gateway);
}

bool is_as_expected(const Expectation& expect, const Heard& heard) {
    switch (expect.kind) {
        case Expected::any: return true;
        case Expected::positive: return !heard.nrc;
        case Expected::equals: return !heard.nrc && heard.answer == expect.bytes;
        case Expected::prefix:
            return !heard.nrc && heard.answer.size() >= expect.bytes.size() &&
                   std::equal(expect.bytes.begin(), expect.bytes.end(), heard.answer.begin());
        case Expected::nrc: return heard.nrc == expect.nrc;
    }
    return false;
}

// A functional lane: the Ethernet ECUs of "all" have no zone, and each is asked for itself.
std::vector<Lane> lanes_for(const Job& job, const std::vector<Member>& members, const vehicle::Description& vehicle) {
    std::vector<Lane> lanes;
    std::map<std::string, std::size_t> lane_of_zone;
    for (const Member& member : members) {
        const bool together = job.target.addressing == uds::Addressing::functional && !member.zone.empty();
        if (!together) {
            lanes.push_back({{member.ecu}, std::nullopt});
            continue;
        }
        const auto [place, first] = lane_of_zone.try_emplace(member.zone, lanes.size());
        if (first) lanes.push_back({{}, gateway_of(member.zone, vehicle)});
        lanes[place->second].ecus.push_back(member.ecu);
    }
    return lanes;
}

}  // namespace

Result<std::vector<Member>> members_of(const Target& target, const vehicle::Description& vehicle) {
    std::vector<Member> members;
    const auto* wanted = std::get_if<EcuId>(&target.whom);
    const auto* zone = std::get_if<ZoneName>(&target.whom);
    for (const vehicle::EcuDescription& ecu : vehicle.ecus) {
        if (vehicle.zone_of(ecu.ecu) != nullptr) continue;
        Member member{ecu.ecu, zone_of(ecu, vehicle)};
        if ((!wanted || *wanted == ecu.ecu) && (!zone || zone->view() == member.zone))
            members.push_back(std::move(member));
    }
    // A zonal gateway is an ECU of its own, asked by its name only.
    for (const vehicle::Zone& each : vehicle.zones)
        if (wanted && each.gateway == *wanted) members.push_back({each.gateway, each.name});
    if (!members.empty()) return members;
    return fail(faults::unknown_target, wanted ? wanted->str() : zone ? zone->str() : std::string("no ECU at all"));
}

Result<JobRun> JobRun::plan(Job job, const vehicle::Description& vehicle) {
    TRY(std::vector<Member> members, members_of(job.target, vehicle));
    JobRun run(std::move(job), members);
    run.lanes_ = lanes_for(run.job_, members, vehicle);
    run.progress_.resize(run.lanes_.size());
    return run;
}

JobRun::JobRun(Job job, std::vector<Member> members) : job_(std::move(job)) {
    for (Member& member : members) sums_.emplace(member.ecu, EcuSummary{member.ecu, std::move(member.zone)});
}

const Step* JobRun::upcoming(std::size_t lane) const {
    const Progress& progress = progress_[lane];
    return progress.ended ? nullptr : &job_.steps[progress.next_step];
}

const Step* JobRun::next(std::size_t lane) {
    progress_[lane].asking = !progress_[lane].ended;
    return upcoming(lane);
}

void JobRun::on_answers(std::size_t lane, std::span<const Heard> heard) {
    Progress& progress = progress_[lane];
    if (!std::exchange(progress.asking, false)) return;
    const std::size_t number = progress.next_step++;
    const Step& step = job_.steps[number];
    bool all_passed = true;
    for (const EcuId ecu : lanes_[lane].ecus) {
        const auto found = std::ranges::find(heard, ecu, &Heard::ecu);
        StepResult result = judge(
            step, number, found != heard.end() ? *found : Heard{.ecu = ecu, .silence = Error(uds::faults::no_answer)});
        all_passed = all_passed && result.outcome == Outcome::passed;
        note(std::move(result));
    }
    if (progress.next_step == job_.steps.size())
        progress.ended = true;
    else if (!all_passed && step.on_failure == OnFailure::stop)
        end(lane, "");
    else if (stopped_)
        end(lane, stopped_->code());
}

StepResult JobRun::judge(const Step& step, std::size_t number, const Heard& heard) const {
    StepResult result{.ecu = heard.ecu, .step = static_cast<std::uint32_t>(number), .took_ms = heard.took_ms};
    if (heard.silence) {
        result.outcome = Outcome::silent;
        result.code = heard.silence->code();
        return result;
    }
    result.nrc = heard.nrc;
    result.answer = heard.answer;
    if (heard.nrc) result.answer = {uds::negative_response_sid, step.request[0], static_cast<std::uint8_t>(*heard.nrc)};
    const bool expected = is_as_expected(step.expect, heard);
    result.outcome = expected ? Outcome::passed : Outcome::failed;
    if (!expected) result.code = heard.nrc ? uds::faults::refused.code : faults::unexpected_answer.code;
    result.cut = result.answer.size() > answer_bytes_max;
    if (result.cut) result.answer.resize(answer_bytes_max);
    return result;
}

void JobRun::note(StepResult result) {
    EcuSummary& sum = sums_.at(result.ecu);
    sum.steps.add(result.outcome);
    sum.slowest_ms = std::max(sum.slowest_ms, result.took_ms);
    if (sum.code.empty()) sum.code = result.code;
    if (first_fault_.empty()) first_fault_ = result.code;
    untold_.push_back(std::move(result));
}

// The steps that this lane will not begin any more.
void JobRun::end(std::size_t lane, std::string_view why) {
    Progress& progress = progress_[lane];
    if (std::exchange(progress.ended, true)) return;
    for (std::size_t step = progress.next_step; step < job_.steps.size(); ++step)
        for (const EcuId ecu : lanes_[lane].ecus)
            note({.ecu = ecu, .step = static_cast<std::uint32_t>(step), .code = std::string(why)});
}

void JobRun::stop(const Error& why) {
    if (stopped_) return;
    stopped_ = why;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
        if (!progress_[lane].asking) end(lane, why.code());
}

bool JobRun::ended() const {
    return std::ranges::all_of(progress_, [](const Progress& lane) { return lane.ended; });
}

std::vector<StepResult> JobRun::take_results() { return std::exchange(untold_, {}); }

Summary JobRun::summary() const {
    Summary summary{.code = stopped_ ? std::string(stopped_->code()) : first_fault_, .ecus = {}, .zones = {}};
    for (const auto& [ecu, sum] : sums_) summary.ecus.push_back(sum);
    summary.zones = zones_of(summary.ecus);
    return summary;
}

Summary summary_of_unknown(const std::vector<Member>& members, const Error& why, std::size_t steps) {
    Summary summary{.code = std::string(why.code()), .ecus = {}, .zones = {}};
    for (const Member& member : members) {
        EcuSummary ecu{member.ecu, member.zone};
        ecu.steps.left_out = static_cast<std::uint32_t>(steps);
        ecu.code = why.code();
        summary.ecus.push_back(std::move(ecu));
    }
    summary.zones = zones_of(summary.ecus);
    return summary;
}

}  // namespace pitstop::diagnosis
