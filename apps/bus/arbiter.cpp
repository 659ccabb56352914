#include "apps/bus/arbiter.h"

#include "apps/bus/faults.h"

#include <algorithm>
#include <cmath>

namespace pitstop::bus {
namespace {

constexpr std::size_t look_frames = queue_depth / 4;
constexpr Nanos look_wait_max = std::chrono::milliseconds(1);

}  // namespace

std::uint32_t arbitration_key(const isotp::CanFrame& frame) {
    const std::uint32_t fdf = frame.fd ? 1 : 0;
    if (!frame.id.extended) return frame.id.value << 20 | fdf;
    const std::uint32_t base = frame.id.value >> 18, extension = frame.id.value & 0x3FFFF;
    return base << 20 | 1U << 19 | extension << 1 | fdf;
}

Result<void> Arbiter::offer(NodeId node, const isotp::CanFrame& frame, Nanos since) {
    std::deque<Offer>& mine = offers_[node];
    if (mine.size() >= queue_depth) return fail(faults::too_fast);
    mine.push_back({frame, since});
    if (!current_) start_next();
    return {};
}

void Arbiter::forget(NodeId node) { offers_.erase(node); }

std::optional<Passed> Arbiter::take(Nanos now) {
    if (!current_ || current_->end > now) return std::nullopt;
    const Passed passed = *current_;
    current_.reset();
    free_at_ = passed.end;
    if (passed.fate != Fate::passes) ++load_.error_frames;
    if (passed.fate != Fate::destroyed) {
        ++load_.frames;
        load_.payload_bytes += passed.frame.size;
    }
    load_.busy += passed.end - passed.start;
    start_next();
    return passed;
}

std::optional<Nanos> Arbiter::next_look() const {
    if (!current_) return std::nullopt;
    std::size_t waiting = 0;
    for (const auto& [node, queue] : offers_) waiting += queue.size();
    const auto frames = static_cast<int>(std::min<std::size_t>(waiting, look_frames));
    return current_->end + std::min(frames * (current_->end - current_->start), look_wait_max);
}

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
    put_on_bus(winner->first, winner->second, start);
    if (winner->second.empty()) offers_.erase(winner);
}

// A frame that an error ends stays where it is, and takes part in the next arbitration (ISO 11898-1, 10.12 and 10.13).
void Arbiter::put_on_bus(NodeId node, std::deque<Offer>& queue, Nanos start) {
    const std::uint64_t number = started_++;
    const isotp::CanFrame frame = queue.front().frame;
    const isotp::FrameBits bits = isotp::bits_of(frame);
    const Fate fate = disturbance_.fate_of(number);
    const isotp::FrameBits used = fate == Fate::passes ? bits : disturbance_.cut(bits, number, fate);
    current_ = Passed{node, frame, start, start + scaled(isotp::duration_of(used, rates_)), fate, number};
    if (fate == Fate::passes) queue.pop_front();
}

Nanos Arbiter::scaled(Nanos exact) const {
    return Nanos(std::llround(static_cast<double>(exact.count()) * time_scale_));
}

}  // namespace pitstop::bus
