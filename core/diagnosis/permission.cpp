#include "core/diagnosis/permission.h"

#include "core/diagnosis/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::diagnosis {
namespace {

using uds::Service;

enum class Needs : std::uint8_t { nothing, parked };
struct Rule {
    Service service;
    Role least;  // roles rise
    Needs needs;
    bool (*fits)(View request);  // null: every request of the service
};

constexpr std::uint16_t first_routine_for_operators = uds::rid::start_vci;
constexpr std::uint16_t last_routine_for_operators = uds::rid::send_readiness;

std::uint16_t word_at(View request, std::size_t at) {
    return request.size() >= at + 2 ? load_be<std::uint16_t>(&request[at]) : std::uint16_t{0};
}

// F180 to F19F say what is built in and what runs (ISO 14229-1 annex C), F1A0 to F1A5 the same in Pitstop's words.
bool is_identification(std::uint16_t did) {
    return (did >= uds::did::boot_software && did <= 0xF19F) ||
           (did >= uds::did::rxswin && did <= uds::did::resume_state) || did == uds::did::fingerprint;
}

bool reads_identification(View request) {
    if (request.size() < 3 || request.size() % 2 == 0) return false;
    for (std::size_t at = 1; at < request.size(); at += 2)
        if (!is_identification(word_at(request, at))) return false;
    return true;
}

bool enters_harmless_session(View request) {
    return request.size() == 2 && (request[1] == static_cast<std::uint8_t>(uds::Session::default_) ||
                                   request[1] == static_cast<std::uint8_t>(uds::Session::extended));
}

bool is_vci_or_readiness(View request) {
    const std::uint16_t routine = word_at(request, 2);
    return routine >= first_routine_for_operators && routine <= last_routine_for_operators;
}

bool is_no_part_of_an_update(View request) {
    constexpr std::array of_updates = {uds::rid::check_memory,
                                       uds::rid::check_preconditions,
                                       uds::rid::activate,
                                       uds::rid::roll_back,
                                       uds::rid::begin_trust_cycle,
                                       uds::rid::judge_metadata,
                                       uds::rid::erase,
                                       uds::rid::check_dependencies,
                                       uds::rid::start_zone_work,
                                       uds::rid::zone_work_status,
                                       uds::rid::stop_zone_work};
    return request.size() >= 4 && std::ranges::find(of_updates, word_at(request, 2)) == of_updates.end();
}

// F15A tells who programmed an ECU: only programming writes it.
bool writes_no_fingerprint(View request) { return request.size() > 3 && word_at(request, 1) != uds::did::fingerprint; }

constexpr std::array rules = {
    Rule{Service::read_data_by_identifier, Role::viewer, Needs::nothing, reads_identification},
    Rule{Service::read_dtc_information, Role::viewer, Needs::nothing, nullptr},
    Rule{Service::tester_present, Role::viewer, Needs::nothing, nullptr},
    Rule{Service::read_data_by_identifier, Role::operator_, Needs::nothing, nullptr},
    Rule{Service::clear_diagnostic_information, Role::operator_, Needs::nothing, nullptr},
    Rule{Service::diagnostic_session_control, Role::operator_, Needs::nothing, enters_harmless_session},
    Rule{Service::routine_control, Role::operator_, Needs::nothing, is_vci_or_readiness},
    Rule{Service::ecu_reset, Role::operator_, Needs::parked, nullptr},
    Rule{Service::write_data_by_identifier, Role::release_manager, Needs::parked, writes_no_fingerprint},
    Rule{Service::input_output_control_by_identifier, Role::release_manager, Needs::parked, nullptr},
    Rule{Service::routine_control, Role::release_manager, Needs::parked, is_no_part_of_an_update},
};

}  // namespace

Result<void> check_allowed(Role role, View request, const Requirements& requirements) {
    if (request.empty()) return fail(faults::not_allowed, "an empty request");
    const bool parked = requirements.motion == vehicle::Motion::parked;
    bool only_parked = false;
    for (const Rule& rule : rules) {
        if (static_cast<std::uint8_t>(rule.service) != request[0] || role < rule.least) continue;
        if (rule.fits && !rule.fits(request)) continue;
        if (rule.needs == Needs::nothing || parked) return {};
        only_parked = true;
    }
    const std::string shown = to_hex(request.first(std::min<std::size_t>(request.size(), 4)));
    if (only_parked)
        return fail(faults::not_allowed, std::format("{} needs \"requires\": {{\"parked\": true}}", shown));
    return fail(faults::not_allowed, std::format("{} with the role {}", shown, to_string(role)));
}

Result<void> check_allowed(Role role, const Wish& wish) {
    for (const Step& step : wish.steps) ENSURE(check_allowed(role, step.request, wish.requirements));
    return {};
}

Result<void> check_allowed(const Job& job) {
    for (const Step& step : job.steps) ENSURE(check_allowed(job.role, step.request, job.requirements));
    return {};
}

}  // namespace pitstop::diagnosis
