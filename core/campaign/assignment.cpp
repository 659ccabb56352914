#include "core/campaign/assignment.h"

#include "core/campaign/faults.h"
#include "core/vehicle/limits.h"

#include <format>

namespace pitstop::campaign {

Result<Phase> phase_from(std::string_view text) {
    for (std::size_t i = 0; i < phase_count; ++i)
        if (phase_names[i] == text) return static_cast<Phase>(i);
    return fail(faults::unknown_phase, std::format("there is no phase '{:.40}'", text));
}

json::Object to_json(const Assignment& assignment) {
    return {{"vin", assignment.vin.view()},
            {"campaign_id", assignment.campaign.view()},
            {"phase", to_string(assignment.phase)},
            {"reached", to_string(assignment.reached)},
            {"last_sequence", assignment.last_sequence},
            {"percent", assignment.percent},
            {"code", assignment.code},
            {"detail", assignment.detail},
            {"created", assignment.created.str()},
            {"changed", assignment.changed.str()},
            {"say_again_at", assignment.say_again_at.str()},
            {"repeats", assignment.repeats}};
}

Result<Assignment> assignment_from_json(const json::Object& from) {
    TRY(const Vin vin, json::id<Vin>(from, "vin"));
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    Assignment assignment = Assignment::make(vin, id, {});
    TRY(const std::string phase, json::string(from, "phase"));
    TRY(assignment.phase, phase_from(phase));
    TRY(const std::string reached, json::string(from, "reached"));
    TRY(assignment.reached, phase_from(reached));
    TRY(assignment.last_sequence, json::number(from, "last_sequence", UINT64_MAX));
    TRY(const std::uint64_t percent, json::number(from, "percent", 100));
    assignment.percent = static_cast<std::uint8_t>(percent);
    TRY(assignment.code, vehicle::text(from, "code", vehicle::identifier_size_max));
    TRY(assignment.detail, vehicle::text(from, "detail", vehicle::sentence_size_max));
    TRY(assignment.created, json::time(from, "created"));
    TRY(assignment.changed, json::time(from, "changed"));
    TRY(assignment.say_again_at, json::time(from, "say_again_at"));
    TRY(const std::uint64_t repeats, json::number(from, "repeats", 255));
    assignment.repeats = static_cast<std::uint8_t>(repeats);
    return assignment;
}

std::uint32_t Summary::total() const {
    std::uint32_t sum = 0;
    for (const std::uint32_t count : vehicles) sum += count;
    return sum;
}

std::uint32_t Summary::ended() const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < phase_count; ++i)
        if (is_final(static_cast<Phase>(i))) sum += vehicles[i];
    return sum;
}

Summary fold(std::span<const Assignment> assignments) {
    Summary summary;
    for (const Assignment& assignment : assignments) summary.add(assignment.phase);
    return summary;
}

json::Object to_json(const Summary& summary) {
    json::Object out{{"total", summary.total()}, {"ended", summary.ended()}};
    for (std::size_t i = 0; i < phase_count; ++i)
        if (summary.vehicles[i] != 0 || static_cast<Phase>(i) == Phase::verified)
            out[phase_names[i]] = summary.vehicles[i];
    return out;
}

}  // namespace pitstop::campaign
