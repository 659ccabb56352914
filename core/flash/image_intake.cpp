#include "core/flash/image_intake.h"

#include "core/flash/opening_refusal.h"

#include <utility>

namespace pitstop::flash {
namespace {

using uds::Nrc;
using uds::Outcome;

constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

// For one step.
bool is_enough(const Opening::Work& work) {
    return work.erased_bytes > 0 || work.read_bytes + work.programmed_bytes >= ImageIntake::step_bytes;
}

}  // namespace

std::expected<std::uint32_t, Nrc> ImageIntake::request_download(const uds::Download& download) {
    end();
    const auto form = form_of_data_format(download.data_format());
    const BankWriter& writer = slots_.writer();
    if (!writer.is_ready()) return std::unexpected(Nrc::conditions_not_correct);  // not erased, or already written to
    const ResumeState state = slots_.resume_state();
    const bool is_announced = state.standing == ResumeState::Standing::goes_on;
    if (!form || (is_announced && state.transfer.data_format != download.data_format()) ||
        download.address != state.point.payload_offset ||
        download.size_bytes != writer.size_bytes() - state.point.image_offset)
        return std::unexpected(Nrc::request_out_of_range);
    bank_.begin(0);
    const Nrc nrc = form->is_plain() ? Nrc::positive_response : begin_opening(*form);
    if (nrc != Nrc::positive_response) return std::unexpected(nrc);
    receives_ = true;
    observer_.did("request download");
    return block_bytes_max() + TargetSettings::block_overhead_bytes;
}

Nrc ImageIntake::begin_opening(const Form& form) {
    if (opening_ == nullptr || settings_.blocks.empty()) return Nrc::request_out_of_range;
    const auto& from = slots_.waypoint();
    const BankWriter& writer = slots_.writer();
    bank_.begin(writer.from_bytes() - (from && writer.from_bytes() > 0 ? from->image_offset : 0));
    if (auto begun = opening_->begin({form, writer.size_bytes(), from}, bank_); !begun)
        return refuse("request download", begun.error());
    opens_ = true;
    return Nrc::positive_response;
}

void ImageIntake::end() {
    if (opens_) opening_->end();
    receives_ = opens_ = is_busy_ = false;
    block_ = waiting_ = {};
    asked_ = Asked::nothing;
    failed_.reset();
}

Nrc ImageIntake::refuse(std::string_view what, const Error& error) {
    block_ = waiting_ = {};
    if (opens_) opening_->end();  // what it still holds is not wanted
    opens_ = false;
    observer_.refused(what, error);
    // A new try shall not go on to where this one ended. Where that cannot be kept, the power is gone.
    static_cast<void>(slots_.forget_transfer());
    return failed_.emplace(refusal_of(error));
}

std::uint32_t ImageIntake::block_bytes_max() const {
    const std::size_t one = TargetSettings::room_bytes(settings_.block_size_bytes_max, 1);
    return static_cast<std::uint32_t>(settings_.blocks.empty() ? one : std::min(one, settings_.blocks.size()));
}

// Bytes that came live only for the call.
View ImageIntake::keep(View data) {
    const Room room = settings_.blocks.subspan(settings_.queues() ? next_room_ * block_bytes_max() : 0);
    next_room_ ^= 1;
    std::ranges::copy(data, room.begin());
    return room.first(data.size());
}

Outcome ImageIntake::transfer_data(View data) {
    if (!receives_) return Nrc::request_sequence_error;
    if (failed_) return *failed_;
    if (settings_.blocks.empty()) return write_at_once(data);
    if (data.size() > block_bytes_max()) return wrong_length;
    if (is_working()) {
        waiting_ = keep(data);
        asked_ = Asked::block;
        return Outcome::pending();
    }
    block_ = keep(data);
    if (settings_.queues()) return Nrc::positive_response;
    asked_ = Asked::block;
    return go_on();
}

Outcome ImageIntake::write_at_once(View data) {
    if (auto written = bank_.push(data); !written) return refuse("transfer data", written.error());
    const auto lasts = busy_for({.programmed_bytes = static_cast<std::uint32_t>(data.size())});
    if (!is_busy_) return Nrc::positive_response;
    asked_ = Asked::block;
    return Outcome::pending(lasts);
}

Outcome ImageIntake::transfer_exit(View parameters) {
    if (!parameters.empty()) return wrong_length;
    if (!receives_) return Nrc::request_sequence_error;
    asked_ = Asked::exit;
    if (is_working()) return Outcome::pending();
    return conclude();
}

Outcome ImageIntake::conclude() {
    auto nrc = failed_.value_or(Nrc::positive_response);
    if (!failed_) {
        const auto finished = opens_ ? opening_->finish() : bank_.finish();
        if (finished)
            observer_.did("transfer exit");
        else
            nrc = refuse("transfer exit", finished.error());
    }
    end();
    return nrc;
}

Outcome ImageIntake::continue_pending() { return asked_ == Asked::nothing ? Nrc::general_reject : go_on(); }

// One step of what a request waits for.
Outcome ImageIntake::go_on() {
    const auto lasts = step();
    if (is_working()) return Outcome::pending(lasts);
    if (std::exchange(asked_, Asked::nothing) == Asked::exit) return conclude();
    block_ = std::exchange(waiting_, {});
    return failed_.value_or(Nrc::positive_response);
}

std::chrono::microseconds ImageIntake::step() {
    is_busy_ = false;
    if (!has_bytes()) return {};
    const Opening::Work before = work();
    if (const auto programmed = program_some(); !programmed) {
        refuse("transfer data", programmed.error());
        return {};
    }
    return busy_for(work().since(before));
}

// Until the block is used up, or enough was written for one step.
Result<void> ImageIntake::program_some() {
    if (!opens_) {
        const View piece = block_.first(std::min<std::size_t>(block_.size(), step_bytes));
        block_ = block_.subspan(piece.size());
        return bank_.push(piece);
    }
    const Opening::Work before = work();
    for (Opening::Work done; has_bytes() && !is_enough(done); done = work().since(before)) {
        TRY(block_, opening_->push_some(block_));
    }
    const auto waypoint = opening_->waypoint();
    return waypoint ? slots_.note(*waypoint) : Result<void>{};
}

Opening::Work ImageIntake::work() const {
    Opening::Work work = opens_ ? opening_->work() : Opening::Work{};
    work.programmed_bytes += bank_.written_bytes();
    return work;
}

std::chrono::microseconds ImageIntake::busy_for(const Opening::Work& work) {
    const auto lasts = settings_.times.to_erase(work.erased_bytes) + settings_.times.to_program(work.programmed_bytes);
    is_busy_ = lasts.count() > 0;
    return lasts;
}

}  // namespace pitstop::flash
