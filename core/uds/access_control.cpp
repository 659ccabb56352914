#include "core/uds/access_control.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pitstop::uds {
namespace {

using crypto::Role;

constexpr Nrc accepted = Nrc::positive_response;

// The server says 0x78 after half of P2 (50 ms), and then has P2* (5 s).
constexpr std::chrono::milliseconds until_pending_is_said{30};

constexpr crypto::Roles diagnoses = Role::diagnostic | Role::programming | Role::development;
constexpr crypto::Roles programs = Role::programming;
constexpr crypto::Roles develops = Role::development;

// docs/formats/access.md lists them.
struct AccessRule {
    Service service;
    crypto::Roles any_of;
    std::optional<Session> only_in = {};           // the rule says nothing about other sessions
    std::uint16_t first_id = 0, last_id = 0xFFFF;  // of the DIDs (2E 2F) or RIDs (31) concerned
};

constexpr AccessRule of_routine(std::uint16_t rid) { return {Service::routine_control, programs, {}, rid, rid}; }

// In the extended session metadata is downloaded, which proves itself; there 34 to 37 take nothing else.
constexpr std::array rules{
    AccessRule{Service::request_download, programs, Session::programming},
    AccessRule{Service::transfer_data, programs, Session::programming},
    AccessRule{Service::request_transfer_exit, programs, Session::programming},
    AccessRule{Service::request_file_transfer, programs},
    AccessRule{Service::write_data_by_identifier, programs},
    AccessRule{Service::write_memory_by_address, programs},
    AccessRule{Service::read_memory_by_address, develops},
    AccessRule{Service::request_upload, develops},
    AccessRule{Service::input_output_control_by_identifier, diagnoses},
    of_routine(rid::check_memory),
    of_routine(rid::erase),
    of_routine(rid::check_dependencies),
    of_routine(rid::activate),
    of_routine(rid::roll_back),
    of_routine(rid::start_zone_work),
    of_routine(rid::stop_zone_work),
    of_routine(rid::offer_to_zone),
};

// Where the identifier stands; requests that end before it are refused by the server.
std::optional<std::uint16_t> id_of(View request) {
    const std::size_t at = static_cast<Service>(request[0]) == Service::routine_control ? 2 : 1;
    if (request.size() < at + 2) return std::nullopt;
    return load_be<std::uint16_t>(&request[at]);
}

bool concerns(const AccessRule& rule, View request, Session session) {
    if (static_cast<Service>(request[0]) != rule.service || (rule.only_in && *rule.only_in != session)) return false;
    if (rule.first_id == 0 && rule.last_id == 0xFFFF) return true;
    const auto id = id_of(request);
    return id && *id >= rule.first_id && *id <= rule.last_id;
}

}  // namespace

crypto::Roles AccessControl::roles() const {
    crypto::Roles roles;
    if (ways_.certificates != nullptr) roles = roles | ways_.certificates->roles();
    if (ways_.security != nullptr) roles = roles | ways_.security->roles();
    return roles;
}

bool AccessControl::offers(Service service) const {
    return service == Service::authentication ? ways_.certificates != nullptr : ways_.security != nullptr;
}

Nrc AccessControl::judge(View request, Session session) {
    const bool allowed = request.empty() || std::ranges::none_of(rules, [&](const AccessRule& rule) {
                             return concerns(rule, request, session) && !roles().meets(rule.any_of);
                         });
    if (allowed) return accepted;
    return ways_.certificates != nullptr ? Nrc::authentication_required : Nrc::security_access_denied;
}

Outcome AccessControl::on_request(View request, Reply& out, Tick now) {
    const auto service = static_cast<Service>(request[0]);
    if (!offers(service)) return Nrc::service_not_supported;
    return service == Service::authentication ? authenticate(request, out)
                                              : Outcome(ways_.security->on_request(request, out, now));
}

Outcome AccessControl::authenticate(View request, Reply& out) {
    if (request.size() > storage_.size()) return Nrc::incorrect_message_length_or_invalid_format;
    if (checking_ == CheckingTakes::less_than_p2) return ways_.certificates->on_request(request, session_, out);
    std::ranges::copy(request, storage_.begin());
    kept_ = storage_.first(request.size());
    return Outcome::pending(until_pending_is_said);
}

Outcome AccessControl::continue_pending(Reply& out, Tick) {
    const View request = std::exchange(kept_, View());
    if (request.empty() || ways_.certificates == nullptr) return Nrc::general_reject;
    return ways_.certificates->on_request(request, session_, out);
}

void AccessControl::session_changed(Session session) {
    session_ = session;
    kept_ = {};
    if (ways_.security != nullptr) ways_.security->lock();
    if (ways_.certificates != nullptr && session == Session::default_) ways_.certificates->forget();
}

}  // namespace pitstop::uds
