#include "apps/bus/arbiter.h"

#include "apps/bus/faults.h"

#include <algorithm>
#include <cmath>

namespace pitstop::bus {

std::uint32_t arbitration_key(const isotp::CanFrame& frame) {
    const std::uint32_t fdf = frame.fd ? 1 : 0;
    if (!frame.id.extended) return frame.id.value << 20 | fdf;
    const std::uint32_t base = frame.id.value >> 18, extension = frame.id.value & 0x3FFFF;
    return base << 20 | 1U << 19 | extension << 1 | fdf;
}

Result<void> Arbiter::offer(NodeId node, const isotp::CanFrame& frame, Nanos now) {
    std::deque<Offer>& mine = offers_[node];
    if (mine.size() >= queue_depth) return fail(faults::too_fast);
    mine.push_back({frame, now});
    if (!current_) start_next();
    return {};
}

void Arbiter::forget(NodeId node) { offers_.erase(node); }

std::optional<Passed> Arbiter::take(Nanos now) {
    if (!current_ || current_->end > now) return std::nullopt;
    const Passed passed = *current_;
    current_.reset();
    free_at_ = passed.end;
    ++load_.frames;
    load_.payload_bytes += passed.frame.size;
    load_.busy += passed.end - passed.start;
    start_next();
    return passed;
}

std::optional<Nanos> Arbiter::next_end() const { return current_ ? std::optional(current_->end) : std::nullopt; }

void Arbiter::start_next() {
    if (offers_.empty()) return;
    const auto arrival = [](const auto& entry) { return entry.second.front().arrival; };
    const Nanos first = arrival(*std::ranges::min_element(offers_, {}, arrival));
    const Nanos start = std::max(free_at_, first);
    auto winner = offers_.end();
    for (auto entry = offers_.begin(); entry != offers_.end(); ++entry) {
        if (arrival(*entry) > start) continue;
        const bool wins = winner == offers_.end() ||
                          arbitration_key(entry->second.front().frame) < arbitration_key(winner->second.front().frame);
        if (wins) winner = entry;
    }
    const isotp::CanFrame frame = winner->second.front().frame;
    const auto exact = isotp::duration_of(isotp::bits_of(frame), rates_);
    const Nanos duration(std::llround(static_cast<double>(exact.count()) * time_scale_));
    current_ = Passed{winner->first, frame, start, start + duration};
    winner->second.pop_front();
    if (winner->second.empty()) offers_.erase(winner);
}

}  // namespace pitstop::bus
