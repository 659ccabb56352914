// Who may send on a CAN bus, and when: arbitration by identifier and a bus clock that never drifts (ISO 11898-1:2015,
// clause 10).
//
// Pure. Bring the frames as nodes offer them, with the time since when they wait; take those whose last bit has passed.
// Between frames the lowest identifier among the frames that waited at that moment wins, whichever node they came from;
// a node's own frames keep their order. The next frame starts where the previous one ended, however late `take` is
// called: a late timer costs no bandwidth. Times are nanoseconds on any one monotonic clock.
#pragma once

#include "apps/bus/disturbance.h"
#include "core/isotp/bit_timing.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace pitstop::bus {

using Nanos = std::chrono::nanoseconds;
using NodeId = std::uint32_t;

inline constexpr std::uint8_t queue_depth = 32;  // frames of one node: covers 10 ms of a late timer on a busy FD bus

// What was on the bus from `start` to `end`: a frame, or the beginning of one and an error frame behind it.
struct Passed {
    NodeId from = 0;
    isotp::CanFrame frame;
    Nanos start{0}, end{0};
    Fate fate = Fate::passes;
    std::uint64_t number = 0;  // counted from 0, for Disturbance::reaches
};

struct Load {
    std::uint64_t frames = 0, payload_bytes = 0, error_frames = 0;
    Nanos busy{0};
};

// What wins is lower: the bits of the arbitration field in the order of the wire, and after them FDF, where classic is
// dominant.
[[nodiscard]] std::uint32_t arbitration_key(const isotp::CanFrame& frame);

class Arbiter {
public:
    // time_scale: 1 is real time, 0.5 twice as fast, 0 takes no time at all.
    Arbiter(const isotp::BitRates& rates, double time_scale, const Disturbance& disturbance = {})
        : rates_(rates),
          time_scale_(time_scale),
          disturbance_(disturbance) {}

    Result<void> offer(NodeId node, const isotp::CanFrame& frame, Nanos since);  // bus.too-many-frames
    void forget(NodeId node);  // what it has waiting; a frame that is on the bus already passes
    [[nodiscard]] std::optional<Passed> take(Nanos now);
    // When to take: as the frame ends; while others wait, as the last of them does, but no more than eight frames or
    // 1 ms later, for each look wakes every node.
    [[nodiscard]] std::optional<Nanos> next_look() const;
    [[nodiscard]] const Load& load() const { return load_; }
    [[nodiscard]] const Disturbance& disturbance() const { return disturbance_; }

private:
    struct Offer {
        isotp::CanFrame frame;
        Nanos arrival;
    };
    void start_next();
    void put_on_bus(NodeId node, std::deque<Offer>& queue, Nanos start);
    [[nodiscard]] Nanos scaled(Nanos exact) const;

    isotp::BitRates rates_;
    double time_scale_;
    Disturbance disturbance_;
    std::map<NodeId, std::deque<Offer>> offers_;  // only nodes with something waiting
    std::optional<Passed> current_;
    Nanos free_at_{0};
    std::uint64_t started_ = 0;
    Load load_;
};

}  // namespace pitstop::bus
