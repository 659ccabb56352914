// The ECU's side of the programming sequence: routines and transfer of ISO 14229-1 §14 and §15 over Slots. ECU profile.
//
// Bring: slots that have booted; who approves images; what opens them, room for blocks and how long this memory takes
// (image_intake.h has the download). An uds::Application hands its routine, transfer, pending and background calls on.
// Erasing, checking and opening go on in steps, so that the server can say 0x78 between them.
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
#include "core/flash/image_intake.h"

#include <chrono>
#include <cstdint>
#include <expected>

namespace pitstop::flash {

class Target {
public:
    static constexpr std::uint8_t activate_at_reset = 0x01;
    static constexpr std::uint8_t commit_running = 0x02;
    static constexpr std::size_t erase_option_size_bytes = 9;

    Target(Slots& slots, const Approval& approval, Opening* opening, TargetObserver& observer,
           const TargetSettings& settings)
        : slots_(slots),
          approval_(approval),
          observer_(observer),
          times_(settings.times),
          image_(slots, opening, observer, settings) {}

    // request_out_of_range for a routine that is not one of the above, or not in this session (ISO 14229-1 §14.2).
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out);
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download);
    uds::Outcome transfer_data(View data) { return image_.transfer_data(data); }
    uds::Outcome transfer_exit(View parameters) { return image_.transfer_exit(parameters); }
    uds::Outcome continue_pending(uds::Reply& out);
    [[nodiscard]] bool has_background_work() const { return image_.has_background_work(); }
    std::chrono::microseconds work_in_background() { return image_.work_in_background(); }

    void session_changed(uds::Session session);  // also ends what a step was left of

private:
    enum class Work : std::uint8_t { none, erasing, checking };

    [[nodiscard]] bool session_allows(std::uint16_t rid) const;
    uds::Outcome erase(View option, uds::Reply& out);
    uds::Outcome check_memory(View option, uds::Reply& out);
    uds::Outcome check_dependencies(View option, uds::Reply& out);
    uds::Outcome activate(View option, uds::Reply& out);
    uds::Outcome roll_back(View option, uds::Reply& out);
    uds::Outcome go_on_erasing(uds::Reply& out);
    uds::Outcome go_on_checking(uds::Reply& out);
    uds::Outcome conclude(std::string_view what, const Result<void>& result, uds::Reply& out);

    Slots& slots_;
    const Approval& approval_;
    TargetObserver& observer_;
    FlashTimes times_;
    ImageIntake image_;
    uds::Session session_ = uds::Session::default_;
    Work work_ = Work::none;
};

}  // namespace pitstop::flash
