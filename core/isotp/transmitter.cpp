#include "core/isotp/transmitter.h"

#include "core/isotp/faults.h"

#include <algorithm>

namespace pitstop::isotp {

Result<void> Transmitter::send(View message, Tick now) {
    if (state_ != State::idle) return fail(faults::busy);
    if (message.empty()) return fail(faults::bad_size, "an empty message has no form on this link");
    if (message.size() > settings_.message_size_max) return fail(faults::bad_size, "longer than this link may send");
    message_ = message;
    offset_ = 0;
    sequence_ = 1;
    waits_ = 0;
    in_flight_ = 0;
    outcome_.reset();
    pause_.reset();
    timer_ =
        now + settings_.as;  // runs from the request on: a bus that never asks for the frame must not hang the message
    state_ = State::starting;
    return {};
}

std::optional<CanFrame> Transmitter::next_frame(Tick now) {
    if (state_ == State::starting) {
        timer_ = now + settings_.as;
        ++in_flight_;
        return start();
    }
    if (state_ != State::streaming || in_flight_ >= settings_.in_flight_max) return std::nullopt;
    if (separation_.count() > 0 && in_flight_ > 0) return std::nullopt;
    if (pause_ && now < *pause_) return std::nullopt;
    pause_.reset();
    if (in_flight_ == 0) timer_ = now + settings_.as;
    ++in_flight_;
    return proceed();
}

CanFrame Transmitter::start() {
    if (message_.size() <= single_size_max(form_)) {
        state_ = State::ending;
        return write_single(form_, message_);
    }
    state_ = State::awaiting_flow;
    offset_ = first_size(form_, message_.size());
    return write_first(form_, static_cast<std::uint32_t>(message_.size()), message_.first(offset_));
}

CanFrame Transmitter::proceed() {
    const std::size_t size = std::min(message_.size() - offset_, consecutive_size_max(form_));
    const CanFrame frame = write_consecutive(form_, sequence_, message_.subspan(offset_, size));
    offset_ += size;
    sequence_ = (sequence_ + 1) & 0x0F;
    if (offset_ == message_.size()) {
        state_ = State::ending;
    } else if (block_size_ != 0 && --block_left_ == 0) {
        state_ = State::awaiting_flow;
    }
    return frame;
}

void Transmitter::on_confirmed(Tick now) {
    if (state_ == State::idle || in_flight_ == 0) return;
    --in_flight_;
    timer_ = now + settings_.as;
    if (in_flight_ > 0) return;
    if (state_ == State::streaming && separation_.count() > 0) pause_ = now + separation_;
    if (state_ == State::awaiting_flow) timer_ = now + settings_.bs;
    if (state_ == State::ending) end(Sent{});
}

void Transmitter::on_flow_control(const FlowControl& control, Tick now) {
    if (state_ != State::awaiting_flow) return;  // unexpected: ignored (clause 9.8.3)
    switch (control.status) {
        case static_cast<std::uint8_t>(FlowStatus::clear_to_send):
            block_size_ = block_left_ = control.block_size;
            separation_ = separation_time(control.separation_code);
            waits_ = 0;
            timer_ = now + settings_.as;
            if (in_flight_ == 0) pause_.reset();
            state_ = State::streaming;
            return;
        case static_cast<std::uint8_t>(FlowStatus::wait):
            timer_ = now + settings_.bs;
            if (++waits_ > settings_.waits_max) end(fail(faults::too_many_waits));
            return;
        case static_cast<std::uint8_t>(FlowStatus::overflow): return end(fail(faults::receiver_full));
        default: return end(fail(faults::bad_flow_status));
    }
}

void Transmitter::on_time(Tick now) {
    if (pause_ && now >= *pause_)
        pause_.reset();  // next_frame gives the frame; this point in time is no deadline any more
    if (state_ == State::idle || now < timer_) return;
    const bool answer_missing = state_ == State::awaiting_flow && in_flight_ == 0;
    end(answer_missing ? fail(faults::no_flow_control) : fail(faults::not_transmitted));
}

std::optional<Tick> Transmitter::deadline() const {
    if (state_ == State::idle) return std::nullopt;
    return pause_ ? std::min(timer_, *pause_) : timer_;
}

void Transmitter::give_up(const Error& error) {
    if (state_ != State::idle) end(std::unexpected(error));
}

void Transmitter::end(Result<Sent> outcome) {
    state_ = State::idle;
    message_ = {};
    in_flight_ = 0;
    pause_.reset();
    outcome_ = std::move(outcome);
}

SendOutcome Transmitter::take_outcome() {
    SendOutcome taken = std::move(outcome_);
    outcome_.reset();
    return taken;
}

}  // namespace pitstop::isotp
