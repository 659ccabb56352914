// How a transfer into a bank begins, and goes on after a cut.
#include "core/base/form.h"
#include "core/delta/journal.h"
#include "core/flash/faults.h"
#include "core/flash/one_bank.h"
#include "core/flash/slots.h"

#include <algorithm>

namespace pitstop::flash {

Result<void> Slots::begin(std::uint32_t size_bytes, const Transfer* transfer) {
    check_.reset();
    writer_.abandon();
    announced_.reset();
    waypoint_.reset();
    if (is_on_trial()) return fail(faults::trial_running);
    if (size_bytes > layout_.image_size_bytes_max()) return fail(faults::too_large);
    const auto form = transfer == nullptr ? std::nullopt : form_of_data_format(transfer->data_format);
    if (form && form->compression == Compression::none) {
        const TransferJournal::Head head{*transfer, size_bytes};
        if (layout_.has_one_bank() && form->encoding == Encoding::delta) return begin_in_place(head);
        if (journal_.head() == head) return go_on(head);
        announced_ = head;
    }
    // Before the first erase: a record must never vouch for a bank that is half erased, nor a journal for its transfer.
    ENSURE(forget_transfer());
    if (has_new_image()) ENSURE(save(without_new_image(LastChange::none)));
    if (layout_.has_one_bank()) {
        running_.reset();
        ENSURE(MoveJournal(device_, layout_).clear());
    }
    return writer_.begin(layout_.bank(spare()), size_bytes);
}

Result<Step> Slots::erase_step() {
    TRY(const Step step, writer_.erase_step());
    if (step == Step::done) ENSURE(begin_journal());
    return step;
}

Result<void> Slots::begin_journal() {
    if (!announced_ || journal_.head() == announced_) return {};
    if (!journal_.can_begin()) ENSURE(save(record_));
    return journal_.begin(*announced_);
}

Result<void> Slots::forget_transfer() {
    if (!journal_.head()) return {};
    return journal_.can_end() ? journal_.end() : save(record_);
}

// A bank is programmed from its beginning, never across the end of a sector in one operation.
Result<std::uint32_t> Slots::proven_bytes(std::uint32_t size_bytes) {
    const BankRange& bank = layout_.bank(spare());
    std::uint32_t proven = 0;
    for (std::uint32_t i = 0; i < bank.sector_count; ++i) {
        const Sector sector = device_.geometry().sector(bank.first_sector + i);
        if (sector.offset >= bank.offset + size_bytes) break;
        TRY(const bool blank, is_blank(device_, sector));
        if (!blank) proven = sector.offset - bank.offset;
    }
    return proven;
}

bool Slots::begins_a_sector(std::uint32_t image_offset) const {
    const BankRange& bank = layout_.bank(spare());
    for (std::uint32_t i = 0; i < bank.sector_count; ++i)
        if (device_.geometry().sector(bank.first_sector + i).offset == bank.offset + image_offset) return true;
    return false;
}

Result<void> Slots::go_on(const TransferJournal::Head& head) {
    TRY(std::uint32_t proven, proven_bytes(head.image_bytes));
    if (head.transfer.data_format == data_format_of(Form{})) {
        waypoint_ = package::Waypoint{0, proven, proven, proven};
    } else {
        // A waypoint was noted after all before it had been programmed, but for what a unit was not full of.
        TRY(const auto newest, journal_.last_before(&package::Waypoint::image_offset, head.image_bytes - 1));
        if (newest && begins_a_sector(newest->image_offset)) proven = std::max(proven, newest->image_offset);
        TRY(waypoint_, journal_.last_before(&package::Waypoint::image_offset, proven));
        if (!waypoint_) proven = 0;
    }
    announced_ = head;
    return writer_.go_on(layout_.bank(spare()), head.image_bytes, proven);
}

// The bank keeps what it holds: the delta is the difference to that, or to what is left of it half way.
Result<void> Slots::begin_in_place(const TransferJournal::Head& head) {
    announced_ = head;
    if (journal_.head() == head) {
        MoveJournal sectors(device_, layout_);
        TRY(const auto last, delta::Journal(sectors, hasher_).last());
        if (last && last->phase != delta::Phase::moving) {
            TRY(waypoint_, journal_.last_before(&package::Waypoint::inner_offset, last->delta_offset));
        }
    }
    writer_.leave_to_opening(layout_.bank(spare()), head.image_bytes);
    return {};
}

Result<void> Slots::give_up_image() {
    if (has_new_image()) ENSURE(save(without_new_image(LastChange::none)));
    running_.reset();
    return begin_journal();
}

ResumeState Slots::resume_state() const {
    ResumeState state;
    if (announced_ && writer_.is_ready()) {
        const package::Waypoint from = waypoint_.value_or(package::Waypoint{});
        return {ResumeState::Standing::goes_on,
                announced_->transfer,
                {from.again_bytes, from.payload_offset, from.image_offset}};
    }
    if (journal_.head()) return {ResumeState::Standing::interrupted, journal_.head()->transfer, {}};
    return state;
}

}  // namespace pitstop::flash
