#include "io/can/mailbox.h"

#include "io/can/faults.h"

#include <utility>

namespace pitstop::io::can {

void Mailbox::post(const Offer& frame) {
    waiting_.push_back(frame);
    ++posted_;
}

Task<void> Mailbox::confirmed() {
    const std::uint64_t mine = posted_;
    while (confirmed_ < mine && lost_before_ < mine) co_await changed_.wait();
    if (lost_before_ >= mine) co_return fail(faults::not_connected);
    co_return Result<void>();
}

std::optional<Offer> Mailbox::next_frame() {
    if (waiting_.empty()) return std::nullopt;
    const Offer frame = waiting_.front();
    waiting_.pop_front();
    return frame;
}

void Mailbox::on_confirmed(Tick) {
    ++confirmed_;
    changed_.notify();
}

void Mailbox::on_bus_lost() {
    waiting_.clear();
    if (confirmed_ < posted_) lost_before_ = posted_;
    confirmed_ = posted_;
    changed_.notify();
}

}  // namespace pitstop::io::can
