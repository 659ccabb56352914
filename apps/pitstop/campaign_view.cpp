#include "apps/pitstop/campaign_view.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/terminal.h"
#include "core/campaign/phase.h"

#include <algorithm>
#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

using campaign::Phase;

std::optional<Phase> phase_of(const json::Object& assignment) {
    const auto name = json::string(assignment, "phase");
    const auto phase = name ? campaign::phase_from(*name) : Result<Phase>(fail(name.error()));
    return phase ? std::optional(*phase) : std::nullopt;  // of a newer server: under way, as far as we know
}

// "ECU_011  40 %  uds.refused: …": only what is there.
std::string particulars(const json::Object& from) {
    std::string text;
    if (const auto ecu = shown(from, "ecu_id"); ecu != "-") text += "  " + ecu;
    if (const auto percent = shown(from, "percent"); percent != "-" && percent != "0") text += "  " + percent + " %";
    if (const auto code = shown(from, "code"); code != "-") text += "  " + code;
    if (const auto detail = shown(from, "detail"); detail != "-") text += "  " + detail;
    return text;
}

std::uint64_t id_of(const json::Object& event) { return json::number(event, "id", UINT64_MAX).value_or(0); }

}  // namespace

void print_campaigns(const json::Object& list, std::ostream& out) {
    out << std::format("{:<24} {:<9} {:<21} {:>14}  {}\n", "id", "priority", "created", "package bytes", "title");
    for (const json::Object* const each : objects(list, "campaigns")) {
        const json::Object* const package = object_or_null(*each, "package");
        out << std::format("{:<24} {:<9} {:<21} {:>14}  {}\n", shown(*each, "id"), shown(*each, "priority"),
                           shown(*each, "created"), package != nullptr ? shown(*package, "size_bytes") : "none yet",
                           shown(*each, "title"));
    }
}

void print_campaign(const json::Object& campaign, std::ostream& out) {
    out << std::format("{}  {}  {}  created {}\n", shown(campaign, "id"), shown(campaign, "title"),
                       shown(campaign, "priority"), shown(campaign, "created"));
    const json::Object* const package = object_or_null(campaign, "package");
    out << (package != nullptr ? std::format("package  {} bytes  sha256 {}\n", shown(*package, "size_bytes"),
                                             shown(*package, "sha256"))
                               : "package  not uploaded yet\n");
    for (const json::Object* const target : objects(campaign, "targets"))
        out << std::format("target   {:<8} {:<20} {:<12} {:>12} bytes\n", shown(*target, "ecu_id"),
                           shown(*target, "hardware_id"), shown(*target, "version"), shown(*target, "size_bytes"));
    if (const json::Object* const summary = object_or_null(campaign, "summary")) {
        out << "vehicles";
        for (const auto& member : *summary)
            out << std::format("  {} {}", printable(member.key()), shown(*summary, member.key()));
        out << '\n';
    }
    for (const json::Object* const each : objects(campaign, "assignments"))
        out << std::format("  {:<17}  {:<11}  {}{}\n", shown(*each, "vin"), shown(*each, "phase"),
                           shown(*each, "updated"), particulars(*each));
}

void print_event(const json::Object& event, std::ostream& out) {
    out << std::format("{}  {:<17}  {:<11}{}\n", shown(event, "time"), shown(event, "vin"), shown(event, "phase"),
                       particulars(event));
}

Result<void> print_outcomes(const json::Object& answer, std::ostream& out) {
    const auto vehicles = objects(answer, "vehicles");
    if (vehicles.empty()) out << "no vehicle is concerned\n";
    std::size_t refused = 0;
    for (const json::Object* const each : vehicles) {
        const bool said_no = json::has(*each, "code");
        if (said_no) ++refused;
        // The detail of a refusal begins with its code.
        out << std::format("{:<17}  {}\n", shown(*each, "vin"),
                           said_no ? "refused: " + shown(*each, json::has(*each, "detail") ? "detail" : "code")
                                   : shown(*each, "phase"));
    }
    if (refused > 0) return fail(faults::vehicles_refused, std::format("{} of {}", refused, vehicles.size()));
    return {};
}

std::vector<const json::Object*> Following::look(const json::Object& campaign) {
    std::vector<const json::Object*> fresh;
    for (const json::Object* const assignment : objects(campaign, "assignments")) {
        std::uint64_t& last_id = last_ids_[shown(*assignment, "vin")];
        std::uint64_t newest = last_id;
        for (const json::Object* const event : objects(*assignment, "events")) {
            if (id_of(*event) <= last_id) continue;
            fresh.push_back(event);
            newest = std::max(newest, id_of(*event));
        }
        last_id = newest;
    }
    std::ranges::stable_sort(fresh, {}, [](const json::Object* event) { return id_of(*event); });
    return fresh;
}

Result<bool> has_ended(const json::Object& campaign) {
    const auto assignments = objects(campaign, "assignments");
    if (assignments.empty()) return fail(faults::nothing_to_follow, shown(campaign, "id"));
    return std::ranges::all_of(assignments, [](const json::Object* assignment) {
        const auto phase = phase_of(*assignment);
        return phase && campaign::is_final(*phase);
    });
}

Result<void> check_ending(const json::Object& campaign) {
    std::size_t failures = 0;
    for (const json::Object* const assignment : objects(campaign, "assignments")) {
        const auto phase = phase_of(*assignment);
        if (phase == Phase::failed || phase == Phase::rolled_back) ++failures;
    }
    if (failures > 0)
        return fail(faults::update_failed, std::format("{} of {}", failures, objects(campaign, "assignments").size()));
    return {};
}

}  // namespace pitstop::cli
