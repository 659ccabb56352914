#include "core/uds/server.h"

#include "core/uds/dtc_store.h"

#include <algorithm>
#include <utility>

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;

}  // namespace

Server::Server(Application& application, Timings timings, Room reply_storage, Access* access,
               const Extensions& extensions)
    : application_(application),
      timings_(timings),
      storage_(reply_storage),
      access_(access),
      extensions_(extensions),
      reply_(reply_storage) {}

Intake Server::on_request(View request, Addressing addressing, Tick now) {
    expire_session(now);
    if (addressing == Addressing::physical) request_comes_ = false;  // one to all may come in between
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
    now_ = now;
    worker_ = Worker::application;
    addressing_ = addressing;
    suppress_positive_ = suppresses_positive_answer(request);
    told_pending_ = false;
    pending_due_ = now + timings_.p2 / 2;  // half: the message still has to reach the tester within P2
    reply_ = Reply(storage_);
    reply_.put_u8(static_cast<std::uint8_t>(service_ + positive_offset));
    proceed(judge(request), now);
    return Intake::taken;
}

void Server::on_request_begins(Tick now) {
    expire_session(now);
    request_comes_ = true;
}

void Server::on_request_lost(Tick now) {
    if (std::exchange(request_comes_, false)) session_due_ = now + timings_.s3;
}

std::optional<View> Server::poll(Tick now) {
    expire_session(now);
    if (busy_answer_ready_) {
        busy_answer_ready_ = false;
        return View(short_answer_);
    }
    if (state_ == State::working && now >= step_due_)
        proceed(
            worker_ == Worker::access ? access_->continue_pending(reply_, now) : application_.continue_pending(reply_),
            now);
    if (state_ == State::working && now >= pending_due_) {
        told_pending_ = true;
        pending_due_ = now + timings_.p2_star / 2;
        return short_answer(Nrc::request_correctly_received_response_pending, service_);
    }
    if (state_ != State::answer_ready) {
        work_in_background(now);
        return std::nullopt;
    }
    state_ = State::idle;
    session_due_ = now + timings_.s3;
    has_just_answered_ = true;
    return reply_.written();
}

std::optional<Tick> Server::deadline() const {
    if (busy_answer_ready_ || state_ == State::answer_ready) return Tick{};
    if (state_ == State::working) return std::min(step_due_, pending_due_);
    std::optional<Tick> due;
    if (session_ != Session::default_ && !request_comes_) due = session_due_;
    if (application_.has_background_work()) due = std::min(due.value_or(background_due_), background_due_);
    return due;
}

// The answer leaves before anything else is begun: whoever sends it polls once more, to no effect.
void Server::work_in_background(Tick now) {
    if (std::exchange(has_just_answered_, false)) return;
    if (busy() || now < background_due_ || !application_.has_background_work()) return;
    background_due_ = now + application_.work_in_background();
}

void Server::proceed(const Outcome& outcome, Tick now) {
    if (!outcome.is_pending()) return finish(outcome.nrc(), now);
    state_ = State::working;
    step_due_ = std::max(now + outcome.next_step_in(), background_due_);
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
    if (busy() || request_comes_ || session_ == Session::default_) return;
    if (now >= session_due_) enter(Session::default_);
}

void Server::enter(Session session) {
    session_ = session;
    transfer_.reset();
    if (session == Session::default_ && extensions_.dtcs != nullptr) extensions_.dtcs->set_updating(DtcSetting::on);
    application_.session_changed(session);
    if (access_ != nullptr) access_->session_changed(session);
}

bool Server::is_offered(Service service) const {
    switch (service) {
        case Service::security_access:
        case Service::authentication: return access_ != nullptr && access_->offers(service);
        case Service::clear_diagnostic_information:
        case Service::read_dtc_information: return extensions_.dtcs != nullptr;
        case Service::write_data_by_identifier:
        case Service::input_output_control_by_identifier: return extensions_.adjustable != nullptr;
        case Service::read_memory_by_address:
        case Service::write_memory_by_address: return extensions_.memory != nullptr;
        case Service::request_upload:
        case Service::request_file_transfer: return extensions_.readout != nullptr;
        default: return true;
    }
}

// The order is service_rules.h's.
Outcome Server::judge(View request) {
    const ServiceRule* rule = rule_of(service_);
    if (rule == nullptr || !is_offered(rule->service)) return Nrc::service_not_supported;
    if (!rule->is_offered_in(session_)) return Nrc::service_not_supported_in_active_session;
    const auto form = [&] { return judge_form(*rule, request); };
    const auto access = [&] { return access_ != nullptr ? access_->judge(request, session_) : accepted; };
    const bool form_first = rule->access == AccessBy::identifier;
    if (const Nrc nrc = form_first ? form() : access(); nrc != accepted) return nrc;
    if (const Nrc nrc = form_first ? access() : form(); nrc != accepted) return nrc;
    return dispatch(request);
}

Outcome Server::dispatch(View request) {
    switch (static_cast<Service>(service_)) {
        case Service::diagnostic_session_control: return session_control(request);
        case Service::ecu_reset: return ecu_reset(request);
        case Service::read_data_by_identifier: return read_data(request);
        case Service::security_access:
        case Service::authentication: return ask_access(request);
        case Service::communication_control: return communication_control(request);
        case Service::routine_control: return routine_control(request);
        case Service::request_download: return request_download(request);
        case Service::transfer_data: return transfer_data(request);
        case Service::request_transfer_exit: return transfer_exit(request);
        case Service::tester_present: return tester_present(request);
        case Service::control_dtc_setting: return control_dtc_setting(request);
        default: return dispatch_extension(request);
    }
}

Outcome Server::dispatch_extension(View request) {
    switch (static_cast<Service>(service_)) {
        case Service::clear_diagnostic_information: return clear_dtcs(request);
        case Service::read_dtc_information: return read_dtcs(request);
        case Service::read_memory_by_address: return read_memory(request);
        case Service::write_data_by_identifier: return write_data(request);
        case Service::input_output_control_by_identifier: return control_input_output(request);
        case Service::request_upload: return request_upload(request);
        case Service::request_file_transfer: return request_file_transfer(request);
        case Service::write_memory_by_address: return write_memory(request);
        default: return Nrc::service_not_supported;
    }
}

}  // namespace pitstop::uds
