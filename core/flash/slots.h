// The two banks of one ECU: staging an image beside the running one, and changing over without ever having none.
// ECU profile.
//
// Bring: a device, its layout, a hash engine, this ECU's hardware id. Call boot() first, after every start or reset.
//
//     begin(size) → erase_step()… → write(view)… → finish() → begin_check(record) → check_step()… → activate() → boot()
//     → commit()  once the new software reports that it is healthy, or roll_back()
//
// Only the bank that does not run is ever written. What must survive a power cut is in the boot record
// (boot_records.h); a transfer that was cut starts again with begin(), and goes on from there where it has a name
// (resume.h). An image counts as staged only after its digest was read back from flash. activate, commit and roll_back
// may be repeated: a tester whose answer was lost asks again. An empty flash has no image: boot() stays in the boot
// loader and the first image goes into bank A.
//
// An ECU with one bank gives its image up when the first of its cells changes, and is in its boot loader from then on
// until another one is complete, whatever happens. Nothing is there to roll back to: roll_back() leaves it in the
// loader, to be programmed again.
//
// Faults: flash.wrong-sequence too-large wrong-size wrong-hardware rolled-back wrong-digest trial-running
// nothing-staged nothing-on-trial nothing-to-roll-back, and those of the device.
#pragma once

#include "core/crypto/hasher.h"
#include "core/flash/bank_state.h"
#include "core/flash/bank_writer.h"
#include "core/flash/boot_records.h"
#include "core/flash/layout.h"
#include "core/flash/resume.h"
#include "core/flash/transfer_journal.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pitstop::flash {

class Slots {
public:
    // One step of a check; well below P2 even where hashing runs at 2 MB/s.
    static constexpr std::uint32_t check_step_bytes = 64 * 1024;

    Slots(FlashDevice& device, const Layout& layout, crypto::Hasher& hasher, std::string_view hardware_id);

    // Decides and remembers which bank runs; nothing: stay in the boot loader.
    [[nodiscard]] Result<std::optional<Bank>> boot();

    // Forgets whatever was staged, then erases what `size_bytes` needs of the bank that does not run. Where `transfer`
    // was half done, only what its cut left doubtful; where it is a delta for the only bank, nothing.
    [[nodiscard]] Result<void> begin(std::uint32_t size_bytes, const Transfer* transfer = nullptr);
    [[nodiscard]] Result<Step> erase_step();
    [[nodiscard]] Result<void> write(View bytes) { return writer_.write(bytes); }
    [[nodiscard]] Result<void> finish() { return writer_.finish(); }

    [[nodiscard]] ResumeState resume_state() const;
    // Where the payload goes on, for whoever opens it; nothing: at its beginning.
    [[nodiscard]] const std::optional<package::Waypoint>& waypoint() const { return waypoint_; }
    [[nodiscard]] Result<void> note(const package::Waypoint& waypoint) { return journal_.note(waypoint); }
    [[nodiscard]] Result<void> forget_transfer();  // it is refused: it must not go on
    [[nodiscard]] Result<void> give_up_image();    // one bank: before its first cell changes

    // Refuses at once what is wrong with the record; the steps then read the bank back. Done: the image is staged.
    [[nodiscard]] Result<void> begin_check(const ImageRecord& record);
    [[nodiscard]] Result<Step> check_step();

    [[nodiscard]] Result<void> activate();   // at the next boot()
    [[nodiscard]] Result<void> commit();     // the release counter rises here and nowhere else
    [[nodiscard]] Result<void> roll_back();  // forgets a staged image at once; leaves one on trial at the next boot()

    [[nodiscard]] BankState bank_state() const;
    [[nodiscard]] const ImageRecord* running_image() const;  // null in the boot loader
    // Exactly into.size() bytes of it. flash.bad-address beyond its end, or where none runs.
    [[nodiscard]] Result<void> read_running(std::uint32_t offset, Room into);
    // Nothing was ever committed: what a factory does is still to be done.
    [[nodiscard]] bool is_factory_new() const { return record_.release_counter == 0; }
    [[nodiscard]] bool is_on_trial() const {
        return record_.phase == Phase::trial || record_.phase == Phase::returning;
    }
    [[nodiscard]] const BankWriter& writer() const { return writer_; }
    [[nodiscard]] const Layout& layout() const { return layout_; }
    [[nodiscard]] FlashDevice& device() { return device_; }

private:
    struct Check {
        ImageRecord record;
        std::uint32_t done_bytes = 0;
    };

    [[nodiscard]] Bank spare() const { return layout_.has_one_bank() ? Bank::a : other(record_.active); }
    [[nodiscard]] BootRecord record_of_an_empty_flash() const;
    [[nodiscard]] bool has_new_image() const { return record_.image(spare()) || record_.phase != Phase::settled; }
    [[nodiscard]] Result<void> begin_in_place(const TransferJournal::Head& head);
    [[nodiscard]] Result<void> go_on(const TransferJournal::Head& head);
    [[nodiscard]] Result<std::uint32_t> proven_bytes(std::uint32_t size_bytes);
    [[nodiscard]] bool begins_a_sector(std::uint32_t image_offset) const;
    [[nodiscard]] Result<void> begin_journal();
    [[nodiscard]] Result<void> save(BootRecord next);
    [[nodiscard]] BootRecord without_new_image(LastChange last_change) const;
    [[nodiscard]] Result<void> hash(Bank bank, std::uint32_t from, std::uint32_t size_bytes);
    [[nodiscard]] Result<Verdict> verify(Bank bank, const ImageRecord& image);

    FlashDevice& device_;
    Layout layout_;
    crypto::Hasher& hasher_;
    Text<ImageRecord::hardware_id_size_max> hardware_id_;
    BootRecords records_;
    BankWriter writer_;
    BootRecord record_;
    std::optional<Bank> running_;
    std::optional<Check> check_;
    TransferJournal journal_;
    std::optional<TransferJournal::Head> announced_;
    std::optional<package::Waypoint> waypoint_;
    std::array<std::uint8_t, 4096> piece_{};  // of a bank that is being read back
};

}  // namespace pitstop::flash
