// What the Programmer makes of an ECU's answers.
#include "core/flash/faults.h"
#include "core/flash/programmer.h"
#include "core/flash/routine_status.h"

#include <algorithm>
#include <array>

namespace pitstop::flash {
namespace {

using enum ProgrammerStep;

constexpr std::array forget_steps{extended_session, authenticate, roll_back, default_session, finished};
constexpr std::array return_steps{extended_session, authenticate, roll_back, reset, wait_for_boot, read_back, finished};

constexpr std::size_t routine_status_at = 4;
constexpr std::uint32_t block_overhead_bytes = 2;
constexpr std::size_t state_at = 3;  // after 62 F1A1
constexpr std::size_t digest_at = state_at + bank_state_size_bytes + 2;
constexpr std::size_t banks_size_bytes = digest_at + std::tuple_size_v<Sha256Digest>;

bool is_staged(const BankState& state) { return state.phase == Phase::checked || state.phase == Phase::armed; }
bool is_on_trial(const BankState& state) { return state.phase == Phase::trial || state.phase == Phase::returning; }
bool fell_back(const BankState& state) {
    return state.last_change == LastChange::fell_back_bad_digest || state.last_change == LastChange::fell_back_attempts;
}

Error strange(ProgrammerStep step) { return Error(faults::strange_answer, to_string(step)); }

}  // namespace

void Programmer::on_answer(View positive) {
    if (step() == finished) return;
    const bool fits = request_ready_ && !positive.empty() && positive[0] == request_[0] + uds::positive_offset;
    if (!fits) return repeat_or_give_up(strange(step()));
    judge(positive);
}

void Programmer::judge(View positive) {
    switch (step()) {
        case read_banks:
        case read_back: return judge_banks(positive);
        case judge_metadata:
        case check_preconditions:
        case erase:
        case check_memory:
        case check_dependencies:
        case arm:
        case commit:
        case roll_back: return judge_routine(positive);
        case authenticate: way_in_->on_answer(positive); return look_at_the_door();
        case read_resume:
        case read_resume_point: return judge_resume(positive);
        case offer_metadata:
        case request_download: return judge_download(positive);
        case send_metadata:
        case transfer: return judge_block(positive);
        case reset:
        case default_session: session_entered_ = false; return go_on();
        default: return go_on();
    }
}

void Programmer::judge_banks(View answer) {
    const bool fits = answer.size() == banks_size_bytes && load_be<std::uint16_t>(&answer[1]) == uds::did::bank_state &&
                      load_be<std::uint16_t>(&answer[digest_at - 2]) == uds::did::image_digest;
    if (!fits) return give_up(strange(step()));
    const auto state = parse_bank_state(answer.subspan(state_at, bank_state_size_bytes));
    if (!state) return give_up(state.error());
    const bool runs_ours = std::ranges::equal(answer.subspan(digest_at), image_.sha256);
    if (step() == read_back) return judge_after_boot(*state, runs_ours);
    judge_before(*state, runs_ours);
}

void Programmer::judge_before(const BankState& state, bool runs_ours) {
    switch (plan_) {
        case Plan::trust: return go_on();  // which reads no banks
        case Plan::stage: return judge_before_staging(state, runs_ours);
        case Plan::activate: return judge_before_activating(state, runs_ours);
        case Plan::confirm: return judge_before_confirming(state, runs_ours);
        case Plan::roll_back: return judge_before_rolling_back(state, runs_ours);
    }
}

void Programmer::judge_before_staging(const BankState& state, bool runs_ours) {
    if (runs_ours && state.phase != Phase::returning) return succeed(DoneBecause::was_already);
    if (is_on_trial(state)) return give_up(Error(faults::trial_running));
    if (is_staged(state) && state.new_image == image_.sha256) return succeed(DoneBecause::was_already);
    go_on();
}

void Programmer::judge_before_activating(const BankState& state, bool runs_ours) {
    if (runs_ours && state.phase != Phase::returning) return succeed(DoneBecause::was_already);
    if (is_staged(state) && state.new_image == image_.sha256) return go_on();
    if (fell_back(state)) return give_up(Error(faults::fell_back, to_string(state.last_change)));
    give_up(Error(faults::nothing_staged));
}

void Programmer::judge_before_confirming(const BankState& state, bool runs_ours) {
    if (!runs_ours || state.phase == Phase::returning)
        return give_up(Error(faults::fell_back, to_string(state.last_change)));
    if (state.phase != Phase::trial) return succeed(DoneBecause::was_already);
    go_on();
}

void Programmer::judge_before_rolling_back(const BankState& state, bool runs_ours) {
    if (is_on_trial(state)) return follow(return_steps);
    if (runs_ours) return give_up(Error(faults::already_committed));
    if (is_staged(state)) return follow(forget_steps);
    succeed(DoneBecause::was_already);
}

// An ECU that answers before it went down shows the phase it had: it is asked again.
void Programmer::judge_after_boot(const BankState& state, bool runs_ours) {
    const Phase before = plan_ == Plan::activate ? Phase::armed : Phase::returning;
    if (state.phase == before) return wait_longer_for_boot(strange(step()));
    const bool wants_ours = plan_ == Plan::activate;
    if (runs_ours == wants_ours && state.running) return succeed(DoneBecause::did_it);
    if (!state.running) return give_up(Error(faults::fell_back, "the ECU stayed in its boot loader"));
    give_up(wants_ours ? Error(faults::fell_back, to_string(state.last_change)) : strange(step()));
}

void Programmer::judge_routine(View answer) {
    if (answer.size() <= routine_status_at) return give_up(strange(step()));
    const std::uint8_t status = answer[routine_status_at];
    if (status == routine_succeeded) return go_on();
    give_up(Error(fault_of_status(status), to_string(step())));
}

// 74 · length format (high nibble: bytes that follow) · the longest request that the ECU takes
void Programmer::judge_download(View answer) {
    const std::size_t length = answer.size() < 2 ? 0 : answer[1] >> 4;
    if (length == 0 || length > sizeof(std::uint64_t) || answer.size() < 2 + length) return give_up(strange(step()));
    std::uint64_t longest = 0;
    for (const std::uint8_t byte : answer.subspan(2, length)) longest = (longest << 8) | byte;
    longest = std::min<std::uint64_t>(longest, settings_.block_size_bytes_max);
    if (longest <= block_overhead_bytes) return give_up(strange(step()));
    block_data_bytes_ = static_cast<std::uint32_t>(longest) - block_overhead_bytes;
    sent_bytes_ = 0;
    block_counter_ = 1;
    if (step() == request_download) move_on(0);
    go_on();
}

// Before the erase: the ECU can tell. After it: whether it goes on with this very transfer, and where.
void Programmer::judge_resume(View answer) {
    constexpr std::size_t data_at = 3;
    const auto state = parse_resume_state(answer.subspan(std::min(answer.size(), data_at)));
    if (!state) return give_up(strange(step()));
    if (step() == read_resume) {
        resumable_ = true;
    } else if (state->standing == ResumeState::Standing::goes_on && state->transfer == transfer_) {
        const ResumePoint& point = state->point;
        const bool fits = point.payload_offset < payload_.size_bytes && point.image_offset < image_.size_bytes &&
                          (point.again_bytes <= point.payload_offset);
        if (!fits) return give_up(strange(step()));
        point_ = point;
    }
    go_on();
}

void Programmer::judge_block(View answer) {
    if (answer.size() < 2 || answer[1] != block_counter_) return repeat_or_give_up(strange(step()));
    const auto percent = [this] { return std::uint64_t{sent_bytes_} * 100 / total_bytes(); };
    const auto before = percent();
    move_on(bytes_of_block());
    if (sent_bytes_ == total_bytes()) return go_on();
    ++block_counter_;
    request_ready_ = false;
    repeats_ = 0;
    progress_due_ = percent() != before;
}

}  // namespace pitstop::flash
