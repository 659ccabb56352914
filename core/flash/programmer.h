// The tester's side of programming one ECU, as a pure state machine. For Linux (gateway, command line).
//
// Bring: what to do (Plan), the image's record, what the link carries. Ask next(), do what it says, tell the outcome,
// ask again:
//
//     Programmer programmer(Plan::stage, record, {.block_size_bytes_max = 4095}, metadata);
//     for (;;) {
//         Action action = programmer.next();
//         SendRequest → send `request`, wait for the final answer (uds::Exchange handles 0x78) at most `time_limit`;
//                       on_answer(positive), on_refusal(nrc), or on_error(error) when the link or the ECU said nothing
//         NeedProof   → sign `text` with the tester's key of that kind; on_proof(signature), or on_error(error)
//         NeedImage   → read the payload's bytes from `offset` into `into`; on_image(), or on_error(error)
//         Pause       → let that time pass (an ECU that boots; connect again), nothing to tell
//         Progress    → show it, nothing to tell
//         Done, Failed → the end; next() says the same again
//     }
//
// The caller keeps the session alive with 3E 80 while it is not sending (ISO 14229-2 §9, S3 5 s), and saves nothing: a
// Programmer that starts anew after a crash of the tester reads the ECU's bank state and leaves out what is already
// done. An ECU that restarts on the way is programmed from the beginning. Whatever goes wrong, communication and DTC
// setting are restored and the session is left before Failed is said.
//
// With papers the tester proves who it is where the ECU asks for that: by 0x29, or by 0x27 where the ECU knows only
// that (way_in.h). A download that was cut goes on where the ECU's flash proves it (resume.h).
//
// Plans (ISO 14229-1 §15, DESIGN §9). All ECUs of a set are staged before any is activated.
//   trust      the ECU judges the metadata, nothing else
//   stage      the same, then into the bank that does not run, until the ECU has read the digest back from its flash
//   activate   arms the staged image, resets, waits for the ECU, reads back which image runs
//   confirm    commits the image that runs on trial; its release counter holds from then on
//   roll_back  forgets a staged image, or resets back to the old one; nothing to do where none of both is the case
//
// The image may come in another form than it is flashed (Payload): the ECU opens it, and says by name why it cannot.
// After delta.other-base only the full image helps: a new Programmer with another payload.
//
// Faults: uds.refused with the step, those of way_in.h, what the ECU found (routine_status.h, opening_refusal.h),
// flash.strange-answer fell-back already-committed trial-running nothing-staged, and the link's own error when repeats
// did not help.
#pragma once

#include "core/base/bytes.h"
#include "core/base/form.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/flash/bank_state.h"
#include "core/flash/record.h"
#include "core/flash/resume.h"
#include "core/uds/services.h"
#include "core/uds/way_in.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace pitstop::flash {

enum class Plan : std::uint8_t { trust, stage, activate, confirm, roll_back };

// Written into the ECU before it is erased (DID F15A): 20 YY MM DD in BCD, then the tester's serial number.
struct Fingerprint {
    UtcTime date;
    Text<16> tester;
};

// What the tester shows at the ECU's door, and which door that is.
struct Entrance {
    uds::Papers papers;  // empty: nothing is shown
    uds::Door door;
};

struct ProgrammerSettings {
    std::uint32_t block_size_bytes_max = 4095;  // the longest request that the link carries; the ECU may ask for less
    std::chrono::milliseconds answer_limit{30'000};
    std::chrono::milliseconds erase_limit{600'000};  // also for reading a large bank back, and for writing it in place
    std::chrono::milliseconds busy_pause{500};       // after 0x21 or a silent ECU, before the same request again
    std::uint32_t repeats_max = 5;                   // of one request
    std::uint32_t restarts_max = 2;                  // of the plan, by an ECU that lost its session on the way
    std::chrono::milliseconds boot_pause{200};
    std::uint32_t boot_pauses_max = 300;  // a minute: head units boot that long
    std::optional<Fingerprint> fingerprint = {};
    Entrance entrance = {};
};

enum class ProgrammerStep : std::uint8_t {
    read_banks,
    extended_session,
    offer_metadata,
    send_metadata,
    end_metadata,
    judge_metadata,
    check_preconditions,
    dtc_off,
    communication_off,
    programming_session,
    authenticate,
    fingerprint,
    read_resume,
    erase,
    read_resume_point,
    request_download,
    transfer,
    transfer_exit,
    check_memory,
    check_dependencies,
    arm,
    commit,
    roll_back,
    reset,
    wait_for_boot,
    read_back,
    communication_on,
    dtc_on,
    default_session,
    finished,
};
[[nodiscard]] std::string_view to_string(ProgrammerStep step);

struct SendRequest {
    View request;  // lives until the next call
    std::chrono::milliseconds time_limit;
};
struct NeedImage {
    std::uint32_t offset;
    Room into;  // lives until the next call
};
struct Pause {
    std::chrono::milliseconds time;
};
struct Progress {
    ProgrammerStep step;  // that starts now, or goes on
    std::uint32_t done_bytes;
    std::uint32_t total_bytes;
};
enum class DoneBecause : std::uint8_t { did_it, was_already };
struct Done {
    DoneBecause because;
};
struct Failed {
    Error error;
};
using NeedProof = uds::NeedProof;
using Action = std::variant<SendRequest, NeedProof, NeedImage, Pause, Progress, Done, Failed>;

// What is transferred: in a form that the ECU opens (DID F1A4).
struct Payload {
    Form form;                     // plain: the image itself
    std::uint32_t size_bytes = 0;  // 0: the image's
    Sha256Digest sha256{};         // zeros: not known (resume.h)
};

class Programmer {
public:
    // `metadata`: a trust bundle for the ECU that answers its nonce (metadata_intake.h), and lives as long as this;
    // empty where the ECU asks for none. `packed_metadata`: the same as gzip, for ECUs that take it so; may be empty.
    Programmer(Plan plan, const ImageRecord& image, ProgrammerSettings settings, View metadata = {},
               const Payload& payload = {}, View packed_metadata = {});

    [[nodiscard]] Action next();
    void on_answer(View positive);
    void on_refusal(uds::Nrc nrc);
    void on_error(const Error& error);
    void on_image();
    void on_proof(View proof);

private:
    using Steps = std::span<const ProgrammerStep>;

    [[nodiscard]] ProgrammerStep step() const { return steps_[at_]; }
    [[nodiscard]] bool restores() const;
    [[nodiscard]] bool may_start_over(uds::Nrc nrc) const;
    [[nodiscard]] std::chrono::milliseconds time_limit() const;
    [[nodiscard]] std::uint32_t total_bytes() const;
    [[nodiscard]] std::uint32_t bytes_of_block() const;
    [[nodiscard]] Error error_of(std::uint8_t service, uds::Nrc nrc) const;
    [[nodiscard]] bool skips(ProgrammerStep step) const;
    [[nodiscard]] Action act();
    void build_request();
    void prepare_block();
    void move_on(std::uint32_t by_bytes);

    void follow(Steps steps);
    void go_on();
    void repeat_or_give_up(const Error& error);
    void wait_longer_for_boot(const Error& otherwise);
    void succeed(DoneBecause because);
    void give_up(const Error& error);

    void judge(View positive);
    void judge_banks(View answer);
    void judge_before(const BankState& state, bool runs_ours);
    void judge_before_staging(const BankState& state, bool runs_ours);
    void judge_before_activating(const BankState& state, bool runs_ours);
    void judge_before_confirming(const BankState& state, bool runs_ours);
    void judge_before_rolling_back(const BankState& state, bool runs_ours);
    void judge_after_boot(const BankState& state, bool runs_ours);
    void judge_download(View answer);
    void judge_routine(View answer);
    void judge_block(View answer);
    void judge_resume(View answer);
    void look_at_the_door();
    [[nodiscard]] View metadata_on_way() const;
    [[nodiscard]] Form metadata_form() const;

    Plan plan_;
    ImageRecord image_;
    ProgrammerSettings settings_;
    View metadata_, packed_metadata_;
    Payload payload_;
    Transfer transfer_;
    Steps steps_;
    std::size_t at_ = 0;

    Bytes request_;
    bool request_ready_ = false;  // request_ is what this step sends
    bool block_lent_ = false;     // NeedImage was said, on_image() not yet heard
    bool progress_due_ = true;
    std::optional<std::chrono::milliseconds> pause_;
    std::uint32_t repeats_ = 0;
    std::uint32_t restarts_ = 0;
    std::uint32_t boot_pauses_ = 0;

    std::uint32_t block_data_bytes_ = 0;
    std::uint32_t sent_bytes_ = 0;
    std::uint8_t block_counter_ = 1;
    bool resumable_ = false;  // the ECU says how far a transfer has come
    ResumePoint point_;
    std::optional<uds::WayIn> way_in_;  // while the tester stands at the door

    bool session_entered_ = false;
    DoneBecause because_ = DoneBecause::did_it;
    std::optional<Error> failure_;
};

}  // namespace pitstop::flash
