// What the Programmer does in which order, and what it sends. What it makes of the answers is in programmer_judge.cpp.
#include "core/flash/programmer.h"

#include "core/flash/faults.h"
#include "core/flash/metadata_intake.h"
#include "core/flash/opening_refusal.h"
#include "core/flash/target.h"
#include "core/uds/exchange.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pitstop::flash {
namespace {

using enum ProgrammerStep;
using uds::Service;

constexpr std::array trust_steps{extended_session, offer_metadata,  send_metadata, end_metadata,
                                 judge_metadata,   default_session, finished};
constexpr std::array stage_steps{read_banks,
                                 extended_session,
                                 offer_metadata,
                                 send_metadata,
                                 end_metadata,
                                 judge_metadata,
                                 check_preconditions,
                                 dtc_off,
                                 communication_off,
                                 programming_session,
                                 erase,
                                 request_download,
                                 transfer,
                                 transfer_exit,
                                 check_memory,
                                 check_dependencies,
                                 communication_on,
                                 dtc_on,
                                 default_session,
                                 finished};
constexpr std::array activate_steps{read_banks, extended_session, arm, reset, wait_for_boot, read_back, finished};
constexpr std::array confirm_steps{read_banks, extended_session, commit, default_session, finished};
constexpr std::array roll_back_steps{read_banks, finished};  // what follows depends on what is found
constexpr std::array restoring_steps{communication_on, dtc_on, default_session, finished};
constexpr std::array no_more_steps{finished};

constexpr std::uint8_t normal_messages = 0x01;            // communicationType, ISO 14229-1 annex B.1
constexpr std::uint8_t address_and_length_format = 0x44;  // four bytes each
constexpr std::uint32_t block_overhead_bytes = 2;         // service and counter

std::span<const ProgrammerStep> steps_of(Plan plan) {
    switch (plan) {
        case Plan::trust: return trust_steps;
        case Plan::stage: return stage_steps;
        case Plan::activate: return activate_steps;
        case Plan::confirm: return confirm_steps;
        case Plan::roll_back: return roll_back_steps;
    }
    return no_more_steps;
}

template <class SubFunction>
Bytes ask(Service service, SubFunction sub_function) {
    return {static_cast<std::uint8_t>(service), static_cast<std::uint8_t>(sub_function)};
}

Bytes ask_communication(uds::Communication wanted) {
    Bytes request = ask(Service::communication_control, wanted);
    request.push_back(normal_messages);
    return request;
}

Bytes ask_routine(std::uint16_t rid, View option) {
    Bytes request = ask(Service::routine_control, uds::start_routine);
    request.push_back(static_cast<std::uint8_t>(rid >> 8));
    request.push_back(static_cast<std::uint8_t>(rid));
    request.insert(request.end(), option.begin(), option.end());
    return request;
}

bool concerns_metadata(ProgrammerStep step) { return step >= offer_metadata && step <= judge_metadata; }

using Range = std::array<std::uint8_t, Target::erase_option_size_bytes>;

Range range_of(std::uint32_t address, std::uint32_t size_bytes) {
    Range range{address_and_length_format};
    store_be(&range[1], address);
    store_be(&range[5], size_bytes);
    return range;
}
Range whole_image(std::uint32_t size_bytes) { return range_of(0, size_bytes); }

Bytes ask_download(const Form& form, const Range& range) {
    Bytes request = ask(Service::request_download, data_format_of(form));
    request.insert(request.end(), range.begin(), range.end());
    return request;
}

// Both in one answer: the ECU cannot restart between the two.
Bytes ask_banks() {
    constexpr std::uint16_t state = uds::did::bank_state, digest = uds::did::image_digest;
    return {static_cast<std::uint8_t>(Service::read_data_by_identifier), state >> 8, state & 0xFF, digest >> 8,
            digest & 0xFF};
}

Bytes request_of(ProgrammerStep step, const ImageRecord& image, const Form& form, std::size_t metadata_bytes) {
    switch (step) {
        case read_banks:
        case read_back: return ask_banks();
        case extended_session: return ask(Service::diagnostic_session_control, uds::Session::extended);
        case programming_session: return ask(Service::diagnostic_session_control, uds::Session::programming);
        case default_session: return ask(Service::diagnostic_session_control, uds::Session::default_);
        case check_preconditions: return ask_routine(uds::rid::check_preconditions, {});
        case dtc_off: return ask(Service::control_dtc_setting, uds::DtcSetting::off);
        case dtc_on: return ask(Service::control_dtc_setting, uds::DtcSetting::on);
        case communication_off: return ask_communication(uds::Communication::disable_rx_and_tx);
        case communication_on: return ask_communication(uds::Communication::enable_rx_and_tx);
        case erase: return ask_routine(uds::rid::erase, whole_image(image.size_bytes));
        case offer_metadata:
            return ask_download({}, range_of(MetadataIntake::address, static_cast<std::uint32_t>(metadata_bytes)));
        case judge_metadata: return ask_routine(uds::rid::judge_metadata, {});
        case request_download: return ask_download(form, whole_image(image.size_bytes));
        case end_metadata:
        case transfer_exit: return {static_cast<std::uint8_t>(Service::request_transfer_exit)};
        case check_memory: return ask_routine(uds::rid::check_memory, to_bytes(image));
        case check_dependencies: return ask_routine(uds::rid::check_dependencies, {});
        case arm: return ask_routine(uds::rid::activate, std::array{Target::activate_at_reset});
        case commit: return ask_routine(uds::rid::activate, std::array{Target::commit_running});
        case roll_back: return ask_routine(uds::rid::roll_back, {});
        case reset: return ask(Service::ecu_reset, uds::ResetType::hard);
        case send_metadata:
        case transfer:       // built block by block
        case wait_for_boot:  // nothing is sent
        case finished: break;
    }
    return {};
}

}  // namespace

std::string_view to_string(ProgrammerStep step) {
    switch (step) {
        case read_banks: return "read bank state";
        case extended_session: return "extended session";
        case offer_metadata: return "request download of metadata";
        case send_metadata: return "transfer of metadata";
        case end_metadata: return "end of metadata";
        case judge_metadata: return "judge metadata";
        case check_preconditions: return "check preconditions";
        case dtc_off: return "DTC setting off";
        case communication_off: return "communication off";
        case programming_session: return "programming session";
        case erase: return "erase";
        case request_download: return "request download";
        case transfer: return "transfer";
        case transfer_exit: return "transfer exit";
        case check_memory: return "check memory";
        case check_dependencies: return "check dependencies";
        case arm: return "activate at next reset";
        case commit: return "commit";
        case roll_back: return "roll back";
        case reset: return "reset";
        case wait_for_boot: return "wait for boot";
        case read_back: return "read back";
        case communication_on: return "communication on";
        case dtc_on: return "DTC setting on";
        case default_session: return "default session";
        case finished: return "finished";
    }
    return "unknown";
}

Programmer::Programmer(Plan plan, const ImageRecord& image, ProgrammerSettings settings, View metadata,
                       const Payload& payload)
    : plan_(plan),
      image_(image),
      settings_(settings),
      metadata_(metadata),
      payload_{payload.form, payload.size_bytes == 0 ? image.size_bytes : payload.size_bytes},
      steps_(steps_of(plan)) {}

Action Programmer::next() {
    if (pause_) return Pause{*std::exchange(pause_, std::nullopt)};
    if (step() == finished) {
        if (failure_) return Failed{*failure_};
        return Done{because_};
    }
    if (std::exchange(progress_due_, false)) return Progress{step(), sent_bytes_, total_bytes()};
    if (step() == wait_for_boot) {
        go_on();
        return Pause{settings_.boot_pause};
    }
    if (!request_ready_) build_request();
    if (block_lent_) return NeedImage{sent_bytes_, Room(request_).subspan(block_overhead_bytes)};
    return SendRequest{request_, time_limit()};
}

void Programmer::build_request() {
    if (step() == transfer || step() == send_metadata) {
        prepare_block();
    } else {
        request_ = request_of(step(), image_, payload_.form, metadata_.size());
    }
    // Even when the answer gets lost the ECU may be in the session.
    if (step() == extended_session || step() == programming_session) session_entered_ = true;
    request_ready_ = true;
}

std::uint32_t Programmer::total_bytes() const {
    return concerns_metadata(step()) ? static_cast<std::uint32_t>(metadata_.size()) : payload_.size_bytes;
}

std::uint32_t Programmer::bytes_of_block() const { return std::min(block_data_bytes_, total_bytes() - sent_bytes_); }

void Programmer::prepare_block() {
    request_.resize(block_overhead_bytes + bytes_of_block());
    request_[0] = static_cast<std::uint8_t>(Service::transfer_data);
    request_[1] = block_counter_;
    if (step() == transfer) {
        block_lent_ = true;
        return;
    }
    std::ranges::copy(metadata_.subspan(sent_bytes_, bytes_of_block()), request_.begin() + block_overhead_bytes);
}

std::chrono::milliseconds Programmer::time_limit() const {
    const bool is_long = step() == erase || step() == check_memory || step() == judge_metadata;
    return is_long ? settings_.erase_limit : settings_.answer_limit;
}

bool Programmer::restores() const {
    return step() == communication_on || step() == dtc_on || step() == default_session;
}

void Programmer::on_image() { block_lent_ = false; }

Error Programmer::error_of(std::uint8_t service, uds::Nrc nrc) const {
    const bool opens = step() == request_download || step() == transfer || step() == transfer_exit;
    const Fault* fault = opens ? fault_of_refusal(nrc) : nullptr;
    return fault != nullptr ? Error(*fault, to_string(step())) : uds::to_error(service, nrc);
}

void Programmer::on_refusal(uds::Nrc nrc) {
    if (step() == finished) return;
    const auto service = static_cast<std::uint8_t>(request_.empty() ? 0 : request_.front());
    const Error refusal = error_of(service, nrc);
    if (step() == read_back) return wait_longer_for_boot(refusal);
    if (nrc == uds::Nrc::busy_repeat_request && !restores() && repeats_ < settings_.repeats_max) {
        ++repeats_;
        pause_ = settings_.busy_pause;
        return;
    }
    if (may_start_over(nrc)) {
        ++restarts_;
        sent_bytes_ = 0;
        return follow(steps_of(plan_));
    }
    restores() ? go_on() : give_up(refusal);
}

// What an ECU says that restarted in the middle, or whose session ended: it knows nothing of the steps before.
bool Programmer::may_start_over(uds::Nrc nrc) const {
    if (!session_entered_ || restores() || restarts_ >= settings_.restarts_max) return false;
    switch (nrc) {
        case uds::Nrc::service_not_supported_in_active_session:
        case uds::Nrc::sub_function_not_supported_in_active_session:
        case uds::Nrc::request_out_of_range:  // a routine that is not there in the default session
        case uds::Nrc::request_sequence_error:
        case uds::Nrc::conditions_not_correct: return true;
        default: return false;
    }
}

void Programmer::on_error(const Error& error) {
    if (step() == finished) return;
    if (step() == read_back) return wait_longer_for_boot(error);
    if (step() == reset) {  // an ECU that restarts at once takes its answer, or the connection, with it
        session_entered_ = false;
        return go_on();
    }
    repeat_or_give_up(error);
}

void Programmer::follow(Steps steps) {
    steps_ = steps;
    at_ = 0;
    request_ready_ = block_lent_ = false;
    progress_due_ = true;
    pause_.reset();
    repeats_ = 0;
}

void Programmer::go_on() {
    ++at_;
    if (metadata_.empty())
        while (concerns_metadata(step())) ++at_;
    sent_bytes_ = step() == offer_metadata || step() == check_preconditions ? 0 : sent_bytes_;
    request_ready_ = block_lent_ = false;
    progress_due_ = true;
    repeats_ = 0;
}

void Programmer::repeat_or_give_up(const Error& error) {
    if (restores()) return go_on();
    if (error.remedy() != Remedy::retry || repeats_ >= settings_.repeats_max) return give_up(error);
    ++repeats_;
    pause_ = settings_.busy_pause;
}

void Programmer::wait_longer_for_boot(const Error& otherwise) {
    if (++boot_pauses_ > settings_.boot_pauses_max) return give_up(otherwise);
    pause_ = settings_.boot_pause;
}

void Programmer::succeed(DoneBecause because) {
    because_ = because;
    follow(no_more_steps);
}

void Programmer::give_up(const Error& error) {
    failure_ = error;
    follow(session_entered_ ? Steps(restoring_steps) : Steps(no_more_steps));
}

}  // namespace pitstop::flash
