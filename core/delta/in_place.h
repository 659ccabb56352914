// Applies a delta to the very bank that holds the old image, safe under power cuts, for ECUs that have one bank only.
// ECU profile.
//
//     InPlace update(bank, journal_sectors, workspace, hasher);
//     TRY(const Progress from, update.resume());           // where the delta has to go on; {0, 0}: from its beginning
//     ENSURE(update.push(opening)); ENSURE(update.push(rest from from.delta_offset)); …  ENSURE(update.finish());
//
// The old image is compared with the one that the delta was made from; it moves up by shift_bytes, sector by sector
// from its end; then the new one grows from the bank's beginning. The delta was made so that a block reads only what
// lies behind the end of that block, so a block that was interrupted is made once more. The journal has two sectors.
// When finish() is good, the bank's SHA-256 was the new image's.
//
// One byte of the delta may be what minutes of flashing begin with. Whoever must not stay away for long pushes single
// bytes, and takes a step at a time while something is held; otherwise push() and finish() take all of them:
//
//     ENSURE(update.push(one_byte));
//     while (update.is_holding()) ENSURE(update.step());
//
// Between begin and end the bank holds neither image: a boot loader must be able to run this. Another delta is refused
// meanwhile (delta.half-done). Faults: those of Patcher, delta.bank-too-small, half-done, wrong-mode, and the bank's.
#pragma once

#include "core/delta/apply.h"
#include "core/delta/journal.h"

namespace pitstop::delta {

class InPlace final : public ByteSink {
public:
    // A step reads or programs so much of the bank, and erases one of its sectors, at most.
    static constexpr std::uint32_t step_bytes = 4096;

    InPlace(Bank& bank, Bank& journal_sectors, Room workspace, crypto::Hasher& hasher);
    InPlace(const InPlace&) = delete;
    InPlace& operator=(const InPlace&) = delete;

    [[nodiscard]] Result<Progress> resume();
    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;
    // Something that came is not done yet.
    [[nodiscard]] bool is_holding() const;
    [[nodiscard]] Result<void> step();
    // Of the new image's blocks; {0, 0} until the old image is out of their way.
    [[nodiscard]] Progress progress() const { return patcher_ != nullptr ? patcher_->progress() : Progress{}; }

private:
    enum class Work : std::uint8_t { waiting, comparing, moving, patching, proving, done };  // waiting: for the header

    // The old image where it was moved to.
    class Moved final : public OldImage {
    public:
        explicit Moved(Bank& bank) : bank_(bank) {}
        void is_at(std::uint32_t offset, std::uint32_t size_bytes) {
            offset_ = offset;
            size_bytes_ = size_bytes;
        }
        [[nodiscard]] std::uint32_t size_bytes() const override { return size_bytes_; }
        [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
            return bank_.read(offset_ + offset, into);
        }

    private:
        Bank& bank_;
        std::uint32_t offset_ = 0, size_bytes_ = 0;
    };

    // The new image from the bank's beginning; notes each finished block before the next one destroys anything.
    class Written final : public ByteSink {
    public:
        explicit Written(InPlace& whole) : whole_(whole) {}
        void go_on_at(std::uint32_t offset) { at_ = offset; }
        [[nodiscard]] std::uint32_t next() const { return at_ + filled_; }
        [[nodiscard]] Result<void> push(View piece) override;
        [[nodiscard]] Result<void> finish() override;

    private:
        [[nodiscard]] Result<void> program_unit();
        InPlace& whole_;
        std::uint32_t at_ = 0, filled_ = 0;
        std::array<std::uint8_t, Bank::program_unit_bytes_max> unit_{};
    };

    [[nodiscard]] Result<void> keep(Result<void> result);
    [[nodiscard]] Result<void> take(View piece);
    [[nodiscard]] Result<View> collect_header(View piece);
    [[nodiscard]] Result<void> begin();
    [[nodiscard]] Result<void> check_bank() const;
    void turn_to(Work work);
    [[nodiscard]] Result<void> do_step();
    [[nodiscard]] Result<bool> hash_some(std::uint32_t size_bytes);  // all of it is hashed
    [[nodiscard]] Result<void> compare_some();
    [[nodiscard]] Result<void> move_some();
    [[nodiscard]] Result<void> begin_patching();
    [[nodiscard]] Result<View> patch(View piece);  // what is left of it
    [[nodiscard]] Result<void> prove_some();
    [[nodiscard]] std::uint32_t end_of_step() const;
    [[nodiscard]] Result<void> note_progress();

    Bank& bank_;
    crypto::Hasher& hasher_;
    Room workspace_;
    Journal journal_;
    Moved moved_;
    Written written_;
    std::optional<Error> error_;
    std::optional<JournalRecord> last_;
    bool has_resumed_ = false;
    HeaderBytes header_bytes_{};
    std::size_t filled_ = 0;  // of the header
    Header header_;
    Work work_ = Work::waiting;
    std::uint32_t at_ = 0;  // so much of what is hashed, or of the sector that moves, is done
    std::uint32_t moved_sectors_ = 0;
    std::uint64_t delta_name_ = 0;
    std::optional<Patcher> patcher_room_;
    Patcher* patcher_ = nullptr;
    Progress noted_;
};

}  // namespace pitstop::delta
