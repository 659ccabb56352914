#include "core/flash/slots.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {

Slots::Slots(FlashDevice& device, const Layout& layout, crypto::Hasher& hasher, std::string_view hardware_id)
    : device_(device),
      layout_(layout),
      hasher_(hasher),
      hardware_id_(hardware_id),
      records_(device, layout.record_areas),
      writer_(device),
      record_(record_of_an_empty_flash()),
      journal_(device) {}

// The first image of an empty flash goes into the bank that is not "active": bank A.
BootRecord Slots::record_of_an_empty_flash() const {
    BootRecord record;
    record.active = layout_.has_one_bank() ? Bank::a : Bank::b;
    return record;
}

Result<std::optional<Bank>> Slots::boot() {
    writer_.abandon();
    check_.reset();
    running_.reset();
    announced_.reset();
    waypoint_.reset();
    TRY(auto read, records_.read());
    record_ = read.value_or(record_of_an_empty_flash());
    ENSURE(journal_.open(records_.room_behind_newest()));

    Verdicts verdicts;
    BootDecision decision = decide(record_, verdicts, layout_.banks_there);
    while (decision.action == BootDecision::Action::verify) {
        TRY(verdicts[decision.bank], verify(decision.bank, *record_.image(decision.bank)));
        decision = decide(record_, verdicts, layout_.banks_there);
    }
    if (decision.must_save(record_)) ENSURE(save(decision.record));
    if (decision.action == BootDecision::Action::start) running_ = decision.bank;
    return running_;
}

Result<void> Slots::begin_check(const ImageRecord& record) {
    check_.reset();
    const bool was_checked =
        (record_.phase == Phase::checked || record_.phase == Phase::armed) && record_.image(spare()) == record;
    if (!was_checked && !writer_.is_finished())
        return fail(faults::wrong_sequence, "a check before the transfer is complete");
    if (record.hardware_id != hardware_id_) return fail(faults::wrong_hardware);
    if (record.release_counter < record_.release_counter) return fail(faults::rolled_back);
    if (!was_checked && record.size_bytes != writer_.size_bytes()) return fail(faults::wrong_size);
    hasher_.reset();
    check_ = Check{record, 0};
    return {};
}

Result<Step> Slots::check_step() {
    if (!check_) return fail(faults::wrong_sequence, "a check that was not begun");
    const std::uint32_t now = std::min(check_step_bytes, check_->record.size_bytes - check_->done_bytes);
    ENSURE(hash(spare(), check_->done_bytes, now));
    check_->done_bytes += now;
    if (check_->done_bytes < check_->record.size_bytes) return Step::more;

    const ImageRecord image = check_->record;
    check_.reset();
    writer_.abandon();
    const bool matches = hasher_.finish() == image.sha256;
    if (!matches) {
        ENSURE(forget_transfer());
        return fail(faults::wrong_digest);
    }
    if (record_.phase == Phase::settled) {
        BootRecord next = record_;
        next.images[index_of(spare())] = image;
        next.phase = Phase::checked;
        next.last_change = LastChange::none;
        ENSURE(save(next));
    }
    return Step::done;
}

Result<void> Slots::activate() {
    if (record_.phase == Phase::armed) return {};
    if (record_.phase != Phase::checked) return fail(faults::nothing_staged);
    BootRecord next = record_;
    next.phase = Phase::armed;
    next.attempts = 0;
    return save(next);
}

Result<void> Slots::commit() {
    if (record_.phase == Phase::settled && record_.last_change == LastChange::committed) return {};
    if (record_.phase != Phase::trial || running_ != spare()) return fail(faults::nothing_on_trial);
    BootRecord next = record_;
    next.active = spare();
    next.phase = Phase::settled;
    next.attempts = 0;
    next.last_change = LastChange::committed;
    next.release_counter = std::max(record_.release_counter, record_.image(spare())->release_counter);
    return save(next);
}

Result<void> Slots::roll_back() {
    switch (record_.phase) {
        case Phase::checked:
        case Phase::armed: return save(without_new_image(LastChange::rolled_back_on_request));
        case Phase::trial: {
            BootRecord next = record_;
            next.phase = Phase::returning;
            return save(next);
        }
        case Phase::returning: return {};
        case Phase::settled: break;
    }
    if (record_.last_change == LastChange::rolled_back_on_request) return {};
    return fail(faults::nothing_to_roll_back);
}

BankState Slots::bank_state() const {
    BankState state;
    state.running = running_;
    state.committed = record_.active;
    state.phase = record_.phase;
    state.attempts = record_.attempts;
    state.last_change = record_.last_change;
    state.release_counter = record_.release_counter;
    if (record_.phase != Phase::settled && record_.image(spare())) state.new_image = record_.image(spare())->sha256;
    return state;
}

const ImageRecord* Slots::running_image() const {
    return running_ && record_.image(*running_) ? &*record_.image(*running_) : nullptr;
}

Result<void> Slots::read_running(std::uint32_t offset, Room into) {
    const ImageRecord* image = running_image();
    const std::uint32_t size_bytes = image == nullptr ? 0 : image->size_bytes;
    if (offset > size_bytes || into.size() > size_bytes - offset)
        return fail(faults::bad_address, "beyond the running image");
    return into.empty() ? Result<void>{} : device_.read(layout_.bank(*running_).offset + offset, into);
}

Result<void> Slots::save(BootRecord next) {
    ENSURE(records_.write(next));
    record_ = next;
    return journal_.open(records_.room_behind_newest());
}

BootRecord Slots::without_new_image(LastChange last_change) const {
    BootRecord next = record_;
    next.phase = Phase::settled;
    next.attempts = 0;
    next.last_change = last_change;
    next.images[index_of(spare())].reset();
    return next;
}

Result<void> Slots::hash(Bank bank, std::uint32_t from, std::uint32_t size_bytes) {
    std::uint32_t done = 0;
    while (done < size_bytes) {
        const Room piece = Room(piece_).first(std::min<std::size_t>(piece_.size(), size_bytes - done));
        ENSURE(device_.read(layout_.bank(bank).offset + from + done, piece));
        hasher_.update(piece);
        done += static_cast<std::uint32_t>(piece.size());
    }
    return {};
}

Result<Verdict> Slots::verify(Bank bank, const ImageRecord& image) {
    if (image.size_bytes > layout_.bank(bank).size_bytes) return Verdict::bad;
    hasher_.reset();
    if (auto hashed = hash(bank, 0, image.size_bytes); !hashed) {
        // Cells that cannot be read are a damaged image; a flash that has no power says nothing about it.
        if (hashed.error().is(faults::device_failed)) return Verdict::bad;
        return fail(hashed.error());
    }
    return hasher_.finish() == image.sha256 ? Verdict::good : Verdict::bad;
}

}  // namespace pitstop::flash
