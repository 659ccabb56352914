// The tester's side of one request: what an ECU's messages mean for it, and how long to wait. Pure; for Linux.
//
// Bring: the request and the time at which it was sent. Feed everything that the ECU says to on_response(), and call
// on_deadline() at deadline(). Answers to other requests (late ones of an earlier exchange) are ignored.
// Faults: uds.no-answer, uds.pending-too-long (both retry); uds.refused through to_error().
// ISO 14229-2:2021 (P2client, P2*client), ISO 14229-1:2020 annex A.1 (0x78).
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/uds/services.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

namespace pitstop::uds {

struct TesterTimings {
    std::chrono::milliseconds p2{2000};       // the ECU's 50 ms and the way of a 64 KiB block through a zone and CAN-FD
    std::chrono::milliseconds p2_star{7000};  // the ECU's 5 s and the way
    std::chrono::milliseconds total{600'000};  // erasing a large flash over 0x78 takes minutes, not longer
    std::uint32_t pending_count_max = 2000;    // 0x78 so often is an ECU that lost its way
};

struct Waiting {};
struct Answered {
    View positive;  // the whole answer; views what was handed to on_response
};
struct Refused {
    Nrc nrc;
};
using Progress = std::variant<Waiting, Answered, Refused, Error>;

// The final answer as a value of its own: refusals are answers too, and some callers act on the code.
struct Answer {
    Bytes positive;                        // empty when refused, or when the positive answer was suppressed
    Nrc refusal = Nrc::positive_response;  // which means: not refused

    [[nodiscard]] bool refused() const { return refusal != Nrc::positive_response; }
};

class Exchange {
public:
    Exchange(View request, TesterTimings timings, Tick now);

    [[nodiscard]] Progress on_response(View response, Tick now);
    [[nodiscard]] Tick deadline() const { return deadline_ < end_ ? deadline_ : end_; }
    [[nodiscard]] Progress on_deadline(Tick now) const;  // Waiting when it is not yet due

    [[nodiscard]] std::uint8_t service() const { return service_; }

private:
    [[nodiscard]] bool answers_this(View positive) const;

    TesterTimings timings_;
    std::uint8_t service_ = 0;
    std::array<std::uint8_t, 3> echo_{};  // what a positive answer must repeat after the service
    std::size_t echo_size_ = 0;
    Tick deadline_, end_;
    std::uint32_t pending_count_ = 0;
    bool heard_another_ = false;  // a positive answer of this service that repeats something else
};

// What a tester asks to get into a session, or out of it (10 xx).
[[nodiscard]] constexpr std::array<std::uint8_t, 2> request_for(Session session) {
    return {static_cast<std::uint8_t>(Service::diagnostic_session_control), static_cast<std::uint8_t>(session)};
}

// "RoutineControl refused: requestOutOfRange (0x31), the ECU does not know …"
[[nodiscard]] Error to_error(std::uint8_t service, Nrc nrc);
// The positive bytes, or uds.refused.
[[nodiscard]] Result<Bytes> positive_or_error(Answer answer, View request);

}  // namespace pitstop::uds
