// The services of uds::Server, one function each, in the order of their identifiers. Transfers are in
// server_transfer.cpp.
#include "core/uds/server.h"

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

std::uint8_t sub_function_of(View request) { return static_cast<std::uint8_t>(request[1] & ~suppress_positive_bit); }

}  // namespace

// Entering the same session again counts as a change too (ISO 14229-1 figure 7): whoever comes anew starts clean.
Outcome Server::session_control(View request) {
    if (request.size() != 2) return wrong_length;
    const auto wanted = static_cast<Session>(sub_function_of(request));
    if (const Nrc nrc = application_.check_session(wanted); nrc != accepted) return nrc;
    enter(wanted);
    reply_.put_u16(static_cast<std::uint16_t>(timings_.p2.count()));
    reply_.put_u16(static_cast<std::uint16_t>(timings_.p2_star.count() / 10));  // told in units of 10 ms
    return accepted;
}

Outcome Server::ecu_reset(View request) {
    if (request.size() != 2) return wrong_length;
    return application_.reset(static_cast<ResetType>(sub_function_of(request)));
}

// Identifiers that are not known are left out; only when none is known is the request refused (ISO 14229-1, service
// 0x22).
Outcome Server::read_data(View request) {
    const std::size_t did_bytes = request.size() - 1;
    if (did_bytes == 0 || did_bytes % 2 != 0 || did_bytes / 2 > dids_per_request_max) return wrong_length;
    bool found = false;
    for (std::size_t at = 1; at < request.size(); at += 2) {
        const auto identifier = load_be<std::uint16_t>(&request[at]);
        const std::size_t before = reply_.size();
        reply_.put_u16(identifier);
        Nrc nrc = accepted;
        if (identifier == did::active_session)
            reply_.put_u8(static_cast<std::uint8_t>(session_));
        else
            nrc = application_.read_data(identifier, reply_);
        if (nrc == accepted) {
            found = true;
        } else if (nrc == Nrc::request_out_of_range) {
            reply_.cut_back_to(before);
        } else {
            return nrc;
        }
    }
    return found ? accepted : Nrc::request_out_of_range;
}

Outcome Server::communication_control(View request) {
    if (request.size() != 3) return wrong_length;
    const std::uint8_t type = request[2];
    if ((type & 0x03) == 0) return Nrc::request_out_of_range;  // neither normal nor network management messages
    return application_.communication_control(static_cast<Communication>(sub_function_of(request)), type);
}

Outcome Server::routine_control(View request) {
    if (request.size() < 4) return wrong_length;
    const auto routine = load_be<std::uint16_t>(&request[2]);
    reply_.put_u16(routine);
    return application_.start_routine(routine, request.subspan(4), reply_);
}

Outcome Server::tester_present(View request) { return request.size() == 2 ? accepted : wrong_length; }

Outcome Server::control_dtc_setting(View request) {
    if (request.size() != 2) return wrong_length;
    return application_.control_dtc_setting(static_cast<DtcSetting>(sub_function_of(request)));
}

}  // namespace pitstop::uds
