// Time is a value that the shell hands in: core never reads a clock.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace pitstop {

// Wall-clock time in UTC, whole seconds. In JSON: ISO 8601 with Z.
struct UtcTime {
    std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z

    static Result<UtcTime> parse(
        std::string_view text);  // base.bad-time: exactly YYYY-MM-DDThh:mm:ssZ, a date that exists
    [[nodiscard]] std::string str() const;
    auto operator<=>(const UtcTime&) const = default;

    friend UtcTime operator+(UtcTime time, std::chrono::seconds by) { return {time.seconds + by.count()}; }
};

// A point on a monotonic clock, for time-outs only.
struct Tick {
    std::int64_t us = 0;  // microseconds since some start of the process

    auto operator<=>(const Tick&) const = default;
    friend Tick operator+(Tick tick, std::chrono::microseconds by) { return {tick.us + by.count()}; }
    friend std::chrono::microseconds operator-(Tick a, Tick b) { return std::chrono::microseconds(a.us - b.us); }
};

}  // namespace pitstop
