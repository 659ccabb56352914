// What the Programmer does in which order, and what it sends. What it makes of the answers is in programmer_judge.cpp.
#include "core/flash/programmer.h"

#include "core/crypto/digest.h"
#include "core/flash/faults.h"
#include "core/flash/opening_refusal.h"
#include "core/flash/programmer_requests.h"
#include "core/uds/exchange.h"
#include "core/uds/faults.h"

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
                                 authenticate,
                                 fingerprint,
                                 read_resume,
                                 erase,
                                 read_resume_point,
                                 request_download,
                                 transfer,
                                 transfer_exit,
                                 check_memory,
                                 check_dependencies,
                                 communication_on,
                                 dtc_on,
                                 default_session,
                                 finished};
constexpr std::array activate_steps{read_banks, extended_session, authenticate, arm,
                                    reset,      wait_for_boot,    read_back,    finished};
constexpr std::array confirm_steps{read_banks, extended_session, authenticate, commit, default_session, finished};
constexpr std::array roll_back_steps{read_banks, finished};  // what follows depends on what is found
constexpr std::array restoring_steps{communication_on, dtc_on, default_session, finished};
constexpr std::array no_more_steps{finished};

constexpr std::uint32_t block_overhead_bytes = 2;  // service and counter
constexpr std::uint32_t restore_repeats_max = 1;   // an ECU that is gone must not hold up the others

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

bool concerns_metadata(ProgrammerStep step) { return step >= offer_metadata && step <= judge_metadata; }

bool is_unknown_to_ecu(uds::Nrc nrc) {
    return nrc == uds::Nrc::service_not_supported || nrc == uds::Nrc::request_out_of_range ||
           nrc == uds::Nrc::service_not_supported_in_active_session;
}

}  // namespace

Programmer::Programmer(Plan plan, const ImageRecord& image, ProgrammerSettings settings, View metadata,
                       const Payload& payload, View packed_metadata)
    : plan_(plan),
      image_(image),
      settings_(settings),
      metadata_(metadata),
      packed_metadata_(packed_metadata),
      payload_{payload.form, payload.size_bytes == 0 ? image.size_bytes : payload.size_bytes},
      steps_(steps_of(plan)) {
    crypto::Sha256 hasher;
    transfer_ = name_transfer(image_, data_format_of(payload_.form), payload_.size_bytes, payload.sha256, hasher);
}

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
    return act();
}

Action Programmer::act() {
    if (step() == authenticate) {
        if (!way_in_) way_in_.emplace(settings_.entrance.papers, settings_.entrance.door);
        const uds::WayIn::Action action = way_in_->next();
        if (const auto* need = std::get_if<uds::NeedProof>(&action)) return *need;
    }
    if (!request_ready_) build_request();
    if (block_lent_) return NeedImage{sent_bytes_, Room(request_).subspan(block_overhead_bytes)};
    return SendRequest{request_, time_limit()};
}

void Programmer::build_request() {
    if (step() == transfer || step() == send_metadata) {
        prepare_block();
    } else if (step() == authenticate) {
        const uds::WayIn::Action action = way_in_->next();
        if (const auto* ask = std::get_if<uds::WayIn::Ask>(&action))
            request_.assign(ask->request.begin(), ask->request.end());
    } else {
        request_ =
            request_of(step(), {image_, payload_.form, metadata_form(), static_cast<std::uint32_t>(metadata_.size()),
                                settings_.fingerprint.value_or(Fingerprint{}), resumable_, transfer_, point_});
    }
    // Even when the answer gets lost the ECU may be in the session.
    if (step() == extended_session || step() == programming_session) session_entered_ = true;
    request_ready_ = true;
}

std::uint32_t Programmer::total_bytes() const {
    return concerns_metadata(step()) ? static_cast<std::uint32_t>(metadata_on_way().size()) : payload_.size_bytes;
}

View Programmer::metadata_on_way() const { return packed_metadata_.empty() ? metadata_ : packed_metadata_; }

Form Programmer::metadata_form() const {
    return {.compression = packed_metadata_.empty() ? Compression::none : Compression::gzip};
}

// What has to come again of a payload that goes on ends with a block of its own.
std::uint32_t Programmer::bytes_of_block() const {
    const bool comes_again = step() == transfer && sent_bytes_ < point_.again_bytes;
    return std::min(block_data_bytes_, (comes_again ? point_.again_bytes : total_bytes()) - sent_bytes_);
}

void Programmer::move_on(std::uint32_t by_bytes) {
    sent_bytes_ += by_bytes;
    if (step() != send_metadata && sent_bytes_ == point_.again_bytes) sent_bytes_ = point_.payload_offset;
}

void Programmer::prepare_block() {
    request_.resize(block_overhead_bytes + bytes_of_block());
    request_[0] = static_cast<std::uint8_t>(Service::transfer_data);
    request_[1] = block_counter_;
    if (step() == transfer) {
        block_lent_ = true;
        return;
    }
    std::ranges::copy(metadata_on_way().subspan(sent_bytes_, bytes_of_block()),
                      request_.begin() + block_overhead_bytes);
}

std::chrono::milliseconds Programmer::time_limit() const {
    const bool is_long = step() == erase || step() == transfer || step() == transfer_exit || step() == check_memory ||
                         step() == judge_metadata;
    return is_long ? settings_.erase_limit : settings_.answer_limit;
}

bool Programmer::restores() const {
    return step() == communication_on || step() == dtc_on || step() == default_session;
}

void Programmer::on_image() { block_lent_ = false; }

void Programmer::on_proof(View proof) {
    if (step() != authenticate || !way_in_) return;
    way_in_->on_proof(proof);
    request_ready_ = false;
}

void Programmer::look_at_the_door() {
    request_ready_ = false;
    const uds::WayIn::Action action = way_in_->next();
    if (std::holds_alternative<uds::WayIn::Inside>(action)) return go_on();
    if (const auto* outside = std::get_if<uds::WayIn::Outside>(&action)) give_up(outside->why);
}

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
    if (nrc == uds::Nrc::busy_repeat_request && repeats_ < settings_.repeats_max) {
        ++repeats_;
        pause_ = settings_.busy_pause;
        return;
    }
    if (step() == offer_metadata && nrc == uds::Nrc::request_out_of_range && !packed_metadata_.empty()) {
        packed_metadata_ = {};  // an ECU that takes it plain
        request_ready_ = false;
        return;
    }
    // An ECU without this identifier, or one that restarted, which the next request shows.
    if (step() == read_resume || (step() == fingerprint && is_unknown_to_ecu(nrc))) return go_on();
    const bool ends_here = step() != authenticate || !way_in_->has_another_way();
    if (ends_here && may_start_over(nrc)) {
        ++restarts_;
        sent_bytes_ = 0;
        return follow(steps_of(plan_));
    }
    if (step() == authenticate) {
        way_in_->on_refusal(nrc);
        return look_at_the_door();
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
        case uds::Nrc::authentication_required:  // it knows this tester no longer
        case uds::Nrc::security_access_denied: return !settings_.entrance.papers.empty();
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
    way_in_.reset();
    resumable_ = false;
    point_ = {};
    request_ready_ = block_lent_ = false;
    progress_due_ = true;
    pause_.reset();
    repeats_ = 0;
}

bool Programmer::skips(ProgrammerStep step) const {
    if (step == authenticate) return settings_.entrance.papers.empty();
    if (step == fingerprint) return !settings_.fingerprint;
    if (step == read_resume_point) return !resumable_;
    return concerns_metadata(step) && metadata_.empty();
}

void Programmer::go_on() {
    do ++at_;
    while (skips(step()));
    way_in_.reset();
    sent_bytes_ = step() == offer_metadata || step() == check_preconditions ? 0 : sent_bytes_;
    request_ready_ = block_lent_ = false;
    progress_due_ = true;
    repeats_ = 0;
}

void Programmer::repeat_or_give_up(const Error& error) {
    const auto repeats_max = restores() ? restore_repeats_max : settings_.repeats_max;
    // An ECU that is pending for ever has had its time.
    const bool has_ended = error.remedy() != Remedy::retry || error.is(uds::faults::pending_too_long);
    if (has_ended || repeats_ >= repeats_max) return restores() ? go_on() : give_up(error);
    ++repeats_;
    pause_ = settings_.busy_pause;
    if (!way_in_) return;
    way_in_->restart();
    request_ready_ = false;
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
