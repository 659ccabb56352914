#include "core/isotp/receiver.h"

#include "core/isotp/faults.h"

#include <algorithm>
#include <utility>

namespace pitstop::isotp {

void Receiver::on_single(const SingleFrame& frame) {
    abandon(faults::interrupted);
    if (held_size_ > 0) return end(faults::not_released);
    if (frame.payload.size() > storage_.size()) return end(faults::too_long);
    std::ranges::copy(frame.payload, storage_.begin());
    complete(frame.payload.size());
}

void Receiver::on_first(const FirstFrame& frame, Tick now) {
    abandon(faults::interrupted);
    timer_ = now + settings_.ar;
    if (frame.message_size > storage_.size()) {
        state_ = State::overflow_due;
        failure_ = Error(faults::too_long);
        return;
    }
    waits_ = 0;
    expected_ = frame.message_size;
    part_size_ = frame.part_size;
    first_size_ = static_cast<std::uint8_t>(frame.payload.size());
    std::ranges::copy(frame.payload, first_.begin());
    began_ = true;
    state_ = held_size_ == 0 ? State::clear_due : State::wait_due;
    if (state_ == State::clear_due || settings_.waits_max > 0) return;
    state_ = State::waiting;  // N_WFTmax 0: without a word, for as long as the sender's N_Bs may allow
    timer_ = now + settings_.wait_every;
}

void Receiver::on_consecutive(const ConsecutiveFrame& frame, Tick now) {
    if (state_ != State::receiving) return;  // unexpected: ignored (clause 9.8.3)
    const std::size_t left = expected_ - filled_;
    const std::size_t full = part_size_;
    // All but the last have the size of the first frame; the last holds at least what is missing (clause 9.6.4). Others
    // are ignored.
    if (frame.payload.size() > full || frame.payload.size() < std::min(left, full)) return;
    if (frame.sequence != sequence_) return end(faults::wrong_sequence);
    const View part = frame.payload.first(std::min(left, full));
    std::ranges::copy(part, storage_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += part.size();
    sequence_ = (sequence_ + 1) & 0x0F;
    timer_ = now + settings_.cr;
    control_in_flight_ = false;  // its confirmation is overtaken by what it caused
    if (filled_ == expected_) return complete(expected_);
    if (settings_.block_size != 0 && --block_left_ == 0) {
        state_ = State::clear_due;
        timer_ = now + settings_.ar;
    }
}

std::optional<CanFrame> Receiver::next_frame(Tick now) {
    switch (state_) {
        case State::clear_due:
            if (filled_ == 0) {
                std::copy_n(first_.begin(), first_size_, storage_.begin());
                filled_ = first_size_;
                sequence_ = 1;
            }
            block_left_ = settings_.block_size;
            state_ = State::receiving;
            break;
        case State::wait_due:
            ++waits_;
            state_ = State::waiting;
            timer_ = now + settings_.wait_every;
            return flow_control(FlowStatus::wait);
        case State::overflow_due: state_ = State::idle; return flow_control(FlowStatus::overflow);
        default: return std::nullopt;
    }
    control_in_flight_ = true;
    timer_ = now + settings_.ar;
    return flow_control(FlowStatus::clear_to_send);
}

void Receiver::on_confirmed(Tick now) {
    if (state_ != State::receiving || !control_in_flight_) return;
    control_in_flight_ = false;
    timer_ = now + settings_.cr;
}

void Receiver::on_time(Tick now) {
    if (state_ == State::idle || now < timer_) return;
    if (state_ == State::waiting) {
        if (waits_ >= settings_.waits_max) return end(faults::too_many_waits);
        state_ = State::wait_due;
        timer_ = now + settings_.ar;
        return;
    }
    if (state_ == State::overflow_due) {  // the failure is told already; the peer will time out by itself
        state_ = State::idle;
        return;
    }
    end(state_ == State::receiving && !control_in_flight_ ? faults::no_consecutive : faults::not_transmitted);
}

void Receiver::release(Tick now) {
    held_size_ = 0;
    if (state_ != State::wait_due && state_ != State::waiting) return;
    state_ = State::clear_due;
    timer_ = now + settings_.ar;
}

std::optional<Tick> Receiver::deadline() const { return state_ == State::idle ? std::nullopt : std::optional(timer_); }

void Receiver::give_up(const Error& error) {
    if (state_ != State::idle && state_ != State::overflow_due) failure_ = error;
    state_ = State::idle;
    filled_ = 0;
    control_in_flight_ = false;
}

void Receiver::abandon(const Fault& fault) {
    if (state_ != State::idle) give_up(Error(fault));
}

void Receiver::end(const Fault& fault) {
    give_up(Error(fault));
    failure_ = Error(fault);
}

void Receiver::complete(std::size_t size) {
    state_ = State::idle;
    filled_ = 0;
    held_size_ = size;
    arrived_ = true;
}

std::optional<Error> Receiver::take_failure() {
    std::optional<Error> taken = failure_;
    failure_.reset();
    return taken;
}

bool Receiver::take_beginning() { return std::exchange(began_, false); }

bool Receiver::take_arrival() { return std::exchange(arrived_, false); }

CanFrame Receiver::flow_control(FlowStatus status) const {
    return write_flow_control(form_, status, settings_.block_size, settings_.separation_code);
}

}  // namespace pitstop::isotp
