#include "core/uds/session_owner.h"

#include "core/uds/services.h"

#include <algorithm>

namespace pitstop::uds {
namespace {

Service service_of(View request) { return static_cast<Service>(request[0]); }

bool is_refusal(View answer) { return answer[0] == negative_response_sid; }

bool asks_for_default_session(View request) {
    return request.size() == 2 && service_of(request) == Service::diagnostic_session_control &&
           (request[1] & ~suppress_positive_bit) == static_cast<std::uint8_t>(Session::default_);
}

bool is_tester_present(View request) {
    return request.size() == 2 && service_of(request) == Service::tester_present &&
           (request[1] & ~suppress_positive_bit) == 0;
}

// What makes an ECU somebody's. Asking how it authenticates (29 08) begins nothing.
bool claims(View request) {
    switch (service_of(request)) {
        case Service::diagnostic_session_control: return !asks_for_default_session(request);
        case Service::security_access: return true;
        case Service::authentication:
            return request.size() >= 2 &&
                   request[1] != static_cast<std::uint8_t>(AuthenticationTask::authentication_configuration);
        default: return false;
    }
}

// After these answers the ECU is in the default session.
bool leaves_session(View answer) {
    return answer[0] == static_cast<std::uint8_t>(Service::ecu_reset) + positive_offset ||
           std::ranges::equal(answer.first(std::min<std::size_t>(answer.size(), 2)),
                              std::array<std::uint8_t, 2>{0x50, 0x01});
}

}  // namespace

std::uint8_t service_of_answer(View answer) {
    if (answer.size() >= 2 && is_refusal(answer)) return answer[1];
    return answer.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(answer[0] - positive_offset);
}

bool is_pending_answer(View answer) {
    return answer.size() == 3 && is_refusal(answer) &&
           answer[2] == static_cast<std::uint8_t>(Nrc::request_correctly_received_response_pending);
}

bool disturbs_nobody(View request) {
    if (request.empty()) return true;
    switch (service_of(request)) {
        case Service::read_data_by_identifier:
        case Service::read_dtc_information:
        case Service::tester_present: return true;
        default: return false;
    }
}

std::optional<AnswerInstead> answer_instead(SessionOwner::Verdict verdict, View request) {
    if (verdict != SessionOwner::Verdict::is_awake)
        return AnswerInstead{{negative_response_sid, request[0], static_cast<std::uint8_t>(Nrc::busy_repeat_request)},
                             3};
    if (suppresses_positive_answer(request)) return std::nullopt;
    return AnswerInstead{{static_cast<std::uint8_t>(request[0] + positive_offset), 0}, 2};
}

SessionOwner::Verdict SessionOwner::judge(Tester who, View request) const {
    if (request.empty() || state_ == State::free || (state_ == State::owned && who == owner_)) return Verdict::pass;
    if (is_tester_present(request)) return Verdict::is_awake;
    if (service_of(request) != Service::tester_present && disturbs_nobody(request)) return Verdict::pass;
    return state_ == State::ending ? Verdict::wait : Verdict::busy;
}

void SessionOwner::on_request(Tester who, View request, Tick now) {
    if (request.empty() || state_ == State::ending) return;
    if (state_ == State::free ? !claims(request) : who != owner_) return;
    opens_ = state_ == State::free;
    state_ = State::owned;
    owner_ = who;
    asked_ = request[0];
    const bool is_silent = suppresses_positive_answer(request);
    due_ = now + (is_silent ? s3 : answer_limit);
    // Nobody will tell whether the ECU has obeyed.
    if (is_silent && asks_for_default_session(request)) end(now);
}

void SessionOwner::on_answer(View answer, Tick now) {
    if (answer.empty() || state_ == State::free) return;
    if (state_ == State::ending) return judge_end(answer, now);
    if (leaves_session(answer)) {
        state_ = State::free;
    } else if (asked_ == service_of_answer(answer)) {
        const bool is_pending = is_pending_answer(answer);
        if (opens_ && is_refusal(answer) && !is_pending) state_ = State::free;
        due_ = now + (is_pending ? answer_limit : s3);
    }
}

void SessionOwner::on_request_lost(Tick now) {
    if (state_ == State::owned) due_ = std::max(due_, now + s3);
}

// The answer of a session that the owner still asked for may come first.
void SessionOwner::judge_end(View answer, Tick now) {
    if (service_of_answer(answer) != end_of_session[0]) return;
    if (leaves_session(answer)) {
        state_ = State::free;
    } else if (is_refusal(answer)) {
        end_due_ = now + end_again;
        due_ = now + s3;
    }
}

bool SessionOwner::on_closed(Tester who, Tick now) {
    if (state_ != State::owned || who != owner_) return false;
    end(now);
    return true;
}

void SessionOwner::end(Tick now) {
    state_ = State::ending;
    owner_ = nullptr;
    end_due_ = now;
    due_ = now + s3;
}

bool SessionOwner::ends_session(Tick now) {
    if (state_ == State::owned && now >= due_) end(now);
    if (state_ != State::ending) return false;
    if (now >= due_) {
        state_ = State::free;
        return false;
    }
    if (now < end_due_) return false;
    end_due_ = now + end_limit;
    return true;
}

std::optional<Tick> SessionOwner::deadline() const {
    switch (state_) {
        case State::free: return std::nullopt;
        case State::owned: return due_;
        case State::ending: return std::min(end_due_, due_);
    }
    return std::nullopt;
}

}  // namespace pitstop::uds
