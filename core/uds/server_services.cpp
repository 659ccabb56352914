// The services of uds::Server, one function each, in the order of their identifiers. Transfers are in
// server_transfer.cpp.
#include "core/uds/dtc_reports.h"
#include "core/uds/server.h"

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

std::uint8_t sub_function_of(View request) { return static_cast<std::uint8_t>(request[1] & ~suppress_positive_bit); }

}  // namespace

// Entering the same session again counts as a change too (ISO 14229-1 figure 8): whoever comes anew starts clean.
Outcome Server::session_control(View request) {
    if (request.size() != 2) return wrong_length;
    const auto wanted = static_cast<Session>(sub_function_of(request));
    if (const Nrc nrc = application_.check_session(wanted); nrc != accepted) return nrc;
    enter(wanted);
    reply_.put_u8(sub_function_of(request));
    reply_.put_u16(static_cast<std::uint16_t>(timings_.p2.count()));
    reply_.put_u16(static_cast<std::uint16_t>(timings_.p2_star.count() / 10));  // told in units of 10 ms
    return accepted;
}

Outcome Server::ecu_reset(View request) {
    if (request.size() != 2) return wrong_length;
    reply_.put_u8(sub_function_of(request));
    return application_.reset(static_cast<ResetType>(sub_function_of(request)));
}

// MemorySelection (2020) names a memory that the vehicle maker may add: there is only one here.
Outcome Server::clear_dtcs(View request) {
    if (request.size() != 4) return wrong_length;
    const Nrc nrc = extensions_.dtcs->clear(std::uint32_t{request[1]} << 16 | load_be<std::uint16_t>(&request[2]));
    if (nrc == accepted) application_.test_for_faults();
    return nrc;
}

Outcome Server::read_dtcs(View request) {
    reply_.put_u8(sub_function_of(request));
    return report_dtcs(request, *extensions_.dtcs, reply_);
}

// Identifiers that are not known are left out; only when none is known is the request refused (ISO 14229-1, service
// 0x22).
Outcome Server::read_data(View request) {
    const std::size_t did_bytes = request.size() - 1;
    if (did_bytes % 2 != 0 || did_bytes / 2 > dids_per_request_max) return wrong_length;
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

Outcome Server::read_memory(View request) {
    const auto wanted = parse_memory_range(request.subspan(1), Behind::nothing);
    if (!wanted) return wanted.error();
    if (const Nrc nrc = extensions_.memory->check_readable(wanted->range); nrc != accepted) return nrc;
    if (wanted->range.size_bytes > storage_.size()) return Nrc::response_too_long;
    const Room into = reply_.extend(static_cast<std::size_t>(wanted->range.size_bytes));
    return into.empty() ? Nrc::response_too_long : extensions_.memory->read(wanted->range, into);
}

Outcome Server::ask_access(View request) {
    worker_ = Worker::access;
    return access_->on_request(request, reply_, now_);
}

// communicationType, annex B.1: which messages, and in which network. This ECU knows of its own one only.
Outcome Server::communication_control(View request) {
    constexpr std::uint8_t reserved_bits = 0x0C, all_networks = 0x0, this_network = 0xF;
    if (request.size() != 3) return wrong_length;  // the longer forms, with a node's identification, are not supported
    const std::uint8_t type = request[2], network = type >> 4;
    const bool names_messages = (type & 0x03) != 0 && (type & reserved_bits) == 0;
    if (!names_messages || (network != all_networks && network != this_network)) return Nrc::request_out_of_range;
    reply_.put_u8(sub_function_of(request));
    return application_.communication_control(static_cast<Communication>(sub_function_of(request)), type);
}

Outcome Server::write_data(View request) {
    const auto identifier = load_be<std::uint16_t>(&request[1]);
    reply_.put_u16(identifier);
    return extensions_.adjustable->write_data(identifier, request.subspan(3));
}

Outcome Server::control_input_output(View request) {
    const auto identifier = load_be<std::uint16_t>(&request[1]);
    if (request[3] > static_cast<std::uint8_t>(InputOutputControl::short_term_adjustment))
        return Nrc::request_out_of_range;
    reply_.put_u16(identifier);
    reply_.put_u8(request[3]);
    return extensions_.adjustable->control(identifier, static_cast<InputOutputControl>(request[3]), request.subspan(4),
                                           reply_);
}

Outcome Server::routine_control(View request) {
    const auto routine = load_be<std::uint16_t>(&request[2]);
    const View option = request.subspan(4);
    reply_.put_u8(sub_function_of(request));
    reply_.put_u16(routine);
    switch (static_cast<RoutineControl>(sub_function_of(request))) {
        case RoutineControl::start: return application_.start_routine(routine, option, reply_);
        case RoutineControl::stop: return application_.stop_routine(routine, option, reply_);
        case RoutineControl::request_results: return application_.routine_results(routine, option, reply_);
    }
    return Nrc::sub_function_not_supported;
}

Outcome Server::write_memory(View request) {
    const auto wanted = parse_memory_range(request.subspan(1), Behind::data);
    if (!wanted) return wanted.error();
    if (wanted->rest.size() != wanted->range.size_bytes) return wrong_length;
    reply_.put(request.subspan(1, request.size() - 1 - wanted->rest.size()));  // the format, address and size again
    return extensions_.memory->write(wanted->range, wanted->rest);
}

Outcome Server::tester_present(View request) {
    if (request.size() != 2) return wrong_length;
    reply_.put_u8(sub_function_of(request));
    return accepted;
}

Outcome Server::control_dtc_setting(View request) {
    if (request.size() != 2) return wrong_length;  // no DTCSettingControlOptionRecord
    const auto wanted = static_cast<DtcSetting>(sub_function_of(request));
    const Nrc nrc = application_.control_dtc_setting(wanted);
    if (nrc == accepted && extensions_.dtcs != nullptr) extensions_.dtcs->set_updating(wanted);
    if (nrc == accepted && wanted == DtcSetting::on) application_.test_for_faults();
    reply_.put_u8(sub_function_of(request));
    return nrc;
}

}  // namespace pitstop::uds
