#include "core/uds/server.h"

#include <algorithm>

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

bool is_known(std::uint8_t service) {
    switch (static_cast<Service>(service)) {
        case Service::diagnostic_session_control:
        case Service::ecu_reset:
        case Service::read_data_by_identifier:
        case Service::communication_control:
        case Service::routine_control:
        case Service::request_download:
        case Service::transfer_data:
        case Service::request_transfer_exit:
        case Service::tester_present:
        case Service::control_dtc_setting: return true;
        default: return false;
    }
}

// ISO 14229-1 table 23: which services the default session offers. What may be downloaded in which other session is
// the application's to say.
bool is_allowed(Service service, Session session) {
    switch (service) {
        case Service::communication_control:
        case Service::control_dtc_setting:
        case Service::request_download:
        case Service::transfer_data:
        case Service::request_transfer_exit: return session != Session::default_;
        default: return true;
    }
}

bool knows_sub_function(Service service, std::uint8_t sub_function) {
    switch (service) {
        case Service::diagnostic_session_control: return sub_function >= 0x01 && sub_function <= 0x03;
        case Service::ecu_reset: return sub_function == 0x01 || sub_function == 0x03;
        case Service::communication_control: return sub_function <= 0x03;
        case Service::routine_control: return sub_function == start_routine;
        case Service::tester_present: return sub_function == 0x00;
        case Service::control_dtc_setting: return sub_function == 0x01 || sub_function == 0x02;
        default: return true;
    }
}

// A functional request reaches every ECU: those that it does not concern keep silent (ISO 14229-1, functional
// addressing).
bool is_unsaid_when_functional(Nrc nrc) {
    return nrc == Nrc::service_not_supported || nrc == Nrc::sub_function_not_supported ||
           nrc == Nrc::request_out_of_range || nrc == Nrc::sub_function_not_supported_in_active_session ||
           nrc == Nrc::service_not_supported_in_active_session;
}

}  // namespace

Server::Server(Application& application, Timings timings, Room reply_storage)
    : application_(application),
      timings_(timings),
      storage_(reply_storage),
      reply_(reply_storage) {}

Intake Server::on_request(View request, Addressing addressing, Tick now) {
    expire_session(now);
    if (request.empty()) return Intake::dropped;
    if (busy()) {
        const bool keeps_alive =
            request[0] == static_cast<std::uint8_t>(Service::tester_present) && suppresses_positive_answer(request);
        if (keeps_alive) return Intake::dropped;
        short_answer(Nrc::busy_repeat_request, request[0]);
        busy_answer_ready_ = true;
        return Intake::refused_busy;
    }
    service_ = request[0];
    addressing_ = addressing;
    suppress_positive_ = suppresses_positive_answer(request);
    told_pending_ = false;
    pending_due_ = now + timings_.p2 / 2;  // half: the message still has to reach the tester within P2
    reply_ = Reply(storage_);
    reply_.put_u8(static_cast<std::uint8_t>(service_ + positive_offset));
    proceed(judge(request), now);
    return Intake::taken;
}

std::optional<View> Server::poll(Tick now) {
    expire_session(now);
    if (busy_answer_ready_) {
        busy_answer_ready_ = false;
        return View(short_answer_);
    }
    if (state_ == State::working && now >= step_due_) proceed(application_.continue_pending(reply_), now);
    if (state_ == State::working && now >= pending_due_) {
        told_pending_ = true;
        pending_due_ = now + timings_.p2_star / 2;
        return short_answer(Nrc::request_correctly_received_response_pending, service_);
    }
    if (state_ != State::answer_ready) return std::nullopt;
    state_ = State::idle;
    session_due_ = now + timings_.s3;
    return reply_.written();
}

std::optional<Tick> Server::deadline() const {
    if (busy_answer_ready_ || state_ == State::answer_ready) return Tick{};
    if (state_ == State::working) return std::min(step_due_, pending_due_);
    if (session_ != Session::default_) return session_due_;
    return std::nullopt;
}

void Server::proceed(const Outcome& outcome, Tick now) {
    if (!outcome.is_pending()) return finish(outcome.nrc(), now);
    state_ = State::working;
    step_due_ = now + outcome.next_step_in();
}

void Server::finish(Nrc nrc, Tick now) {
    if (nrc == accepted && !reply_.fits()) nrc = Nrc::response_too_long;
    conclude_transfer(nrc);
    state_ = State::idle;
    session_due_ = now + timings_.s3;
    if (stays_silent(nrc)) return;
    if (nrc != accepted) {
        reply_ = Reply(storage_);
        reply_.put(short_answer(nrc, service_));
    }
    state_ = State::answer_ready;
}

bool Server::stays_silent(Nrc nrc) const {
    if (told_pending_) return false;
    if (nrc == accepted) return suppress_positive_;
    return addressing_ == Addressing::functional && is_unsaid_when_functional(nrc);
}

View Server::short_answer(Nrc nrc, std::uint8_t service) {
    short_answer_ = {negative_response_sid, service, static_cast<std::uint8_t>(nrc)};
    return short_answer_;
}

void Server::expire_session(Tick now) {
    if (!busy() && session_ != Session::default_ && now >= session_due_) enter(Session::default_);
}

void Server::enter(Session session) {
    session_ = session;
    transfer_.reset();
    application_.session_changed(session);
}

// The order of ISO 14229-1 figure 5: service, session, then figure 6: sub-function; the rest is each service's own.
Outcome Server::judge(View request) {
    if (!is_known(service_)) return Nrc::service_not_supported;
    if (!is_allowed(static_cast<Service>(service_), session_)) return Nrc::service_not_supported_in_active_session;
    return has_sub_function(service_) ? judge_sub_function(request) : dispatch(request);
}

Outcome Server::judge_sub_function(View request) {
    if (request.size() < 2) return wrong_length;
    const auto sub_function = static_cast<std::uint8_t>(request[1] & ~suppress_positive_bit);
    if (!knows_sub_function(static_cast<Service>(service_), sub_function)) return Nrc::sub_function_not_supported;
    reply_.put_u8(sub_function);
    return dispatch(request);
}

Outcome Server::dispatch(View request) {
    switch (static_cast<Service>(service_)) {
        case Service::diagnostic_session_control: return session_control(request);
        case Service::ecu_reset: return ecu_reset(request);
        case Service::read_data_by_identifier: return read_data(request);
        case Service::communication_control: return communication_control(request);
        case Service::routine_control: return routine_control(request);
        case Service::request_download: return request_download(request);
        case Service::transfer_data: return transfer_data(request);
        case Service::request_transfer_exit: return transfer_exit(request);
        case Service::tester_present: return tester_present(request);
        case Service::control_dtc_setting: return control_dtc_setting(request);
        default: return Nrc::service_not_supported;
    }
}

}  // namespace pitstop::uds
