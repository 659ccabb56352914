// The ECU's side of the programming sequence: routines and transfer of ISO 14229-1 §14 and §15 over Slots. ECU profile.
//
// Bring: slots that have booted; who approves images; what opens them (null: they come only as they are); how long this
// memory takes (zeros: as long as the calls themselves take). An uds::Application hands its routine, transfer and
// pending calls on. Erasing, checking and opening go on in steps, so that the server can say 0x78 between them.
//
// Routines (option → status, see routine_status.h). The first three only in the programming session, the others not in
// the default session:
//   FF00 erase               44 00000000 size u32, and perhaps the transfer's name (resume.h)
//   0202 check memory        image record, 112 bytes
//   FF01 check dependencies  nothing: succeeds when an image is checked
//   F010 activate            01 at the next reset · 02 commit the image on trial
//   F011 roll back           nothing
// Erase and check memory are refused for what is not approved: the first with conditionsNotCorrect, so that the flash
// stays untouched, the other with its status.
// Download: address 0 is the start of the bank that does not run; memorySize is the image's size, in whatever form it
// comes; dataFormatIdentifier is the form (core/base/form.h). Where a transfer goes on, address and size are what DID
// F1A5 says (resume.h). Why something could not be opened says the negative response code (opening_refusal.h).
#pragma once

#include "core/flash/approval.h"
#include "core/flash/opening.h"
#include "core/flash/slots.h"
#include "core/uds/application.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>

namespace pitstop::flash {

struct FlashTimes {
    std::chrono::microseconds erase_per_kib{};
    std::chrono::microseconds program_per_kib{};
};

// Told of each step's end, for a log. `what` is a literal.
class TargetObserver {
public:
    virtual void did(std::string_view what) = 0;
    virtual void refused(std::string_view what, const Error& why) = 0;

protected:
    TargetObserver() = default;
    TargetObserver(const TargetObserver&) = default;
    TargetObserver& operator=(const TargetObserver&) = default;
    ~TargetObserver() = default;
};

// Where the image goes, in whatever form it came.
class BankSink final : public ByteSink {
public:
    explicit BankSink(Slots& slots) : slots_(slots) {}

    // The first bytes are there already.
    void begin(std::uint32_t skip_bytes) {
        skip_bytes_ = skip_bytes;
        written_bytes_ = 0;
    }
    [[nodiscard]] Result<void> push(View piece) override {
        const auto skipped = static_cast<std::uint32_t>(std::min<std::size_t>(skip_bytes_, piece.size()));
        skip_bytes_ -= skipped;
        written_bytes_ += static_cast<std::uint32_t>(piece.size());
        return slots_.write(piece.subspan(skipped));
    }
    [[nodiscard]] Result<void> finish() override { return slots_.finish(); }

    [[nodiscard]] std::uint32_t written_bytes() const { return written_bytes_; }

private:
    Slots& slots_;
    std::uint32_t skip_bytes_ = 0;
    std::uint32_t written_bytes_ = 0;
};

struct TargetSettings {
    std::uint32_t block_size_bytes_max = 0;  // of a TransferData request, service and counter included
    FlashTimes times;
};

class Target {
public:
    // The server is answered after so much was written: about a millisecond where opening and writing make 30 MB/s.
    static constexpr std::uint32_t opening_step_bytes = 32 * 1024;

    static constexpr std::uint8_t activate_at_reset = 0x01;
    static constexpr std::uint8_t commit_running = 0x02;
    static constexpr std::size_t erase_option_size_bytes = 9;

    Target(Slots& slots, const Approval& approval, Opening* opening, TargetObserver& observer,
           const TargetSettings& settings)
        : slots_(slots),
          approval_(approval),
          opening_(opening),
          observer_(observer),
          settings_(settings),
          bank_(slots) {}

    // request_out_of_range for a routine that is not one of the above, or not in this session (ISO 14229-1 §14.2).
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out);
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download);
    uds::Outcome transfer_data(View data);
    uds::Outcome transfer_exit(View parameters, uds::Reply& out);
    uds::Outcome continue_pending(uds::Reply& out);

    void session_changed(uds::Session session);  // also ends what a step was left of

private:
    enum class Work : std::uint8_t { none, erasing, checking, programming, opening };

    [[nodiscard]] bool session_allows(std::uint16_t rid) const;
    uds::Outcome erase(View option, uds::Reply& out);
    uds::Outcome check_memory(View option, uds::Reply& out);
    uds::Outcome check_dependencies(View option, uds::Reply& out);
    uds::Outcome activate(View option, uds::Reply& out);
    uds::Outcome roll_back(View option, uds::Reply& out);
    uds::Outcome go_on_erasing(uds::Reply& out);
    uds::Outcome go_on_checking(uds::Reply& out);
    uds::Outcome conclude(std::string_view what, const Result<void>& result, uds::Reply& out);
    [[nodiscard]] std::expected<std::uint32_t, uds::Nrc> begin_opening(const Form& form);
    void end_opening();
    uds::Outcome go_on_opening();
    uds::Outcome wait_for_flash(std::uint32_t written_bytes);
    [[nodiscard]] Result<void> note_waypoint();
    uds::Nrc refuse_transfer(std::string_view what, const Error& error);

    Slots& slots_;
    const Approval& approval_;
    Opening* opening_;
    TargetObserver& observer_;
    TargetSettings settings_;
    BankSink bank_;
    bool opens_ = false;  // the download under way: it is not the image itself
    View block_;          // what of the last block is not opened yet
    uds::Session session_ = uds::Session::default_;
    Work work_ = Work::none;
};

}  // namespace pitstop::flash
