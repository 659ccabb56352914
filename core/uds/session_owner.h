// Whose session an ECU is in: the rule of an entity that tells its testers apart (a zone, an ECU on DoIP) for an ECU
// that cannot. ECU profile.
//
// Who opens a session other than the default one, or begins 0x27 or 0x29, owns the ECU until it leaves that session,
// its connection closes, or it is silent for S3 (ISO 14229-2 §7). Others may read meanwhile, but neither use nor
// prolong what the owner has opened and proved. An owner that has gone leaves nothing behind: the entity enters the
// default session in its place (10 01) before anybody else has a turn.
//
//     switch (owner.judge(tester, request)) …                    // pass: on_request(), then hand it to the ECU
//     owner.on_answer(answer, now)                               // whatever the ECU says, to whomever
//     if (owner.ends_session(now)) send(end_of_session);         // after each of these calls, and at deadline()
//
// A tester is an address that is compared, never followed: that of its connection, until on_closed().
#pragma once

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace pitstop::uds {

class SessionOwner {
public:
    using Tester = const void*;
    static constexpr std::array<std::uint8_t, 2> end_of_session{0x10, 0x01};

    static constexpr std::chrono::milliseconds s3{5000};
    // The way of a long request over a busy bus, and the ECU's P2*.
    static constexpr std::chrono::milliseconds answer_limit{15'000};
    static constexpr std::chrono::milliseconds end_limit{1000};  // for the answer to 10 01
    static constexpr std::chrono::milliseconds end_again{200};   // after the ECU refused it: it is busy

    enum class Verdict : std::uint8_t {
        pass,
        is_awake,  // TesterPresent of somebody else: true, but not for the ECU, whose session it would prolong
        busy,      // 0x21
        wait,      // the session before is being ended: ask again when is_ending() is over, or say 0x21
    };
    [[nodiscard]] Verdict judge(Tester who, View request) const;

    void on_request(Tester who, View request, Tick now);  // that passed
    void on_answer(View answer, Tick now);
    void on_request_lost(Tick now);  // on its way: S3 begins anew, as for the ECU
    // Whether it owned the session.
    bool on_closed(Tester who, Tick now);

    // True: send end_of_session now. An ECU that does not answer it for S3 has ended it by itself, or is gone.
    [[nodiscard]] bool ends_session(Tick now);
    [[nodiscard]] bool is_ending() const { return state_ == State::ending; }
    [[nodiscard]] std::optional<Tick> deadline() const;

private:
    enum class State : std::uint8_t { free, owned, ending };

    void end(Tick now);
    void judge_end(View answer, Tick now);

    State state_ = State::free;
    Tester owner_ = nullptr;
    std::uint8_t asked_ = 0;  // the service that the owner asked for last
    bool opens_ = false;      // that request made it the owner: refused, it is none
    Tick due_{};              // owned: until then; ending: to be given up
    Tick end_due_{};
};

// What an entity says in the ECU's name when a request does not pass; nothing, when TesterPresent wants no answer.
struct AnswerInstead {
    std::array<std::uint8_t, 3> bytes{};
    std::size_t size_bytes = 0;
    [[nodiscard]] View view() const { return View(bytes).first(size_bytes); }
};
[[nodiscard]] std::optional<AnswerInstead> answer_instead(SessionOwner::Verdict verdict, View request);

// What neither changes an ECU nor needs a session: 22 and 19; 3E.
[[nodiscard]] bool disturbs_nobody(View request);
// The service that an answer is of; 0: it is none.
[[nodiscard]] std::uint8_t service_of_answer(View answer);
// 0x78: the answer itself comes later.
[[nodiscard]] bool is_pending_answer(View answer);

}  // namespace pitstop::uds
