#include "core/delta/in_place.h"

#include "core/delta/faults.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

constexpr std::uint32_t piece_bytes = Bank::program_unit_bytes_max;

std::uint32_t whole_sectors(std::uint32_t bytes, std::uint32_t sector_bytes) {
    return (bytes + sector_bytes - 1) / sector_bytes * sector_bytes;
}

}  // namespace

InPlace::InPlace(Bank& bank, Bank& journal_sectors, Room workspace, crypto::Hasher& hasher)
    : bank_(bank),
      hasher_(hasher),
      workspace_(workspace),
      journal_(journal_sectors, hasher),
      moved_(bank),
      written_(*this) {}

Result<Progress> InPlace::resume() {
    TRY(last_, journal_.last());
    has_resumed_ = true;
    if (!last_ || last_->phase == Phase::moving) return Progress{};
    return Progress{last_->delta_offset, last_->image_offset};
}

Result<void> InPlace::keep(Result<void> result) {
    if (!result) error_ = result.error();
    return result;
}

Result<void> InPlace::push(View piece) {
    if (error_) return fail(*error_);
    return keep(take(piece));
}

Result<void> InPlace::take(View piece) {
    if (work_ == Work::waiting) {
        TRY(piece, collect_header(piece));
    }
    while (!piece.empty()) {
        while (is_holding()) ENSURE(do_step());
        TRY(piece, patch(piece));
    }
    return {};
}

Result<View> InPlace::collect_header(View piece) {
    const std::size_t taken = std::min(piece.size(), header_bytes_.size() - filled_);
    std::ranges::copy(piece.first(taken), header_bytes_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += taken;
    if (filled_ == header_bytes_.size()) ENSURE(begin());
    return piece.subspan(taken);
}

bool InPlace::is_holding() const {
    switch (work_) {
        case Work::comparing:
        case Work::moving:
        case Work::proving: return true;
        case Work::patching: return patcher_->is_paused();
        case Work::waiting:
        case Work::done: break;
    }
    return false;
}

Result<void> InPlace::step() {
    if (error_) return fail(*error_);
    return keep(do_step());
}

Result<void> InPlace::do_step() {
    switch (work_) {
        case Work::comparing: return compare_some();
        case Work::moving: return move_some();
        case Work::patching: {
            TRY([[maybe_unused]] const View nothing, patch({}));
            return {};
        }
        case Work::proving: return prove_some();
        case Work::waiting:
        case Work::done: break;
    }
    return {};
}

void InPlace::turn_to(Work work) {
    work_ = work;
    at_ = 0;
}

// What is refused is refused here and by compare_some(), before the bank is touched.
Result<void> InPlace::begin() {
    if (!has_resumed_) {
        TRY([[maybe_unused]] const Progress from, resume());
    }
    TRY(header_, decode_header(header_bytes_));
    if (header_.mode != Mode::in_place) return fail(faults::wrong_mode);
    if (workspace_.size() < workspace_bytes(header_)) return fail(faults::needs_more_memory);
    ENSURE(check_bank());
    hasher_.reset();
    hasher_.update(header_bytes_);
    delta_name_ = load_le<std::uint64_t>(hasher_.finish().data());
    const bool is_this = last_ && last_->delta_name == delta_name_;
    if (last_ && !is_this && last_->phase != Phase::done) return fail(faults::half_done);
    if (!is_this) {
        turn_to(Work::comparing);
        return {};
    }
    moved_sectors_ = last_->moved_sectors;
    turn_to(Work::moving);
    return last_->phase == Phase::moving ? Result<void>{} : begin_patching();
}

Result<void> InPlace::check_bank() const {
    const std::uint32_t sector = bank_.sector_bytes();
    if (header_.sector_bytes % sector != 0)
        return fail(faults::bank_too_small, "the bank's sectors are larger than those that the delta was made for");
    const std::uint64_t moved = std::uint64_t{whole_sectors(header_.old_size_bytes, sector)} + header_.shift_bytes;
    const std::uint64_t needed = std::max<std::uint64_t>(moved, whole_sectors(header_.new_size_bytes, sector));
    if (needed > bank_.size_bytes()) return fail(faults::bank_too_small);
    return {};
}

Result<bool> InPlace::hash_some(std::uint32_t size_bytes) {
    std::array<std::uint8_t, piece_bytes> buffer{};
    if (at_ == 0) hasher_.reset();
    const std::uint32_t until = at_ + std::min(step_bytes, size_bytes - at_);
    while (at_ < until) {
        const Room piece = Room(buffer).first(std::min(piece_bytes, until - at_));
        ENSURE(bank_.read(at_, piece));
        hasher_.update(piece);
        at_ += static_cast<std::uint32_t>(piece.size());
    }
    return at_ == size_bytes;
}

Result<void> InPlace::compare_some() {
    TRY(const bool is_all, hash_some(header_.old_size_bytes));
    if (!is_all) return {};
    if (hasher_.finish() != header_.old_digest) return fail(faults::other_base);
    last_ = JournalRecord{.delta_name = delta_name_, .phase = Phase::moving};
    turn_to(Work::moving);
    return journal_.add(*last_);
}

// From the last sector to the first, so that nothing is overwritten that was not moved. As many sectors as the shift is
// wide do not touch each other's originals: so many may be repeated, and only after so many the journal must know.
Result<void> InPlace::move_some() {
    const std::uint32_t sector = bank_.sector_bytes();
    const std::uint32_t count = whole_sectors(header_.old_size_bytes, sector) / sector;
    const std::uint32_t width = header_.shift_bytes / sector;
    if (width == 0 || moved_sectors_ >= count) return begin_patching();
    const std::uint32_t from = (count - 1 - moved_sectors_) * sector, to = from + header_.shift_bytes;
    if (at_ == 0) ENSURE(bank_.erase(to));
    std::array<std::uint8_t, piece_bytes> buffer{};
    for (const std::uint32_t until = std::min(sector, at_ + step_bytes); at_ < until;) {
        const Room piece = Room(buffer).first(std::min(piece_bytes, until - at_));
        ENSURE(bank_.read(from + at_, piece));
        ENSURE(bank_.program(to + at_, piece));
        at_ += static_cast<std::uint32_t>(piece.size());
    }
    if (at_ < sector) return {};
    at_ = 0;
    ++moved_sectors_;
    if (moved_sectors_ % width != 0 && moved_sectors_ < count) return {};
    return journal_.add({.delta_name = delta_name_, .phase = Phase::moving, .moved_sectors = moved_sectors_});
}

Result<void> InPlace::begin_patching() {
    noted_ = {last_->delta_offset, last_->image_offset};
    if (last_->phase == Phase::moving) {
        noted_ = {header_.opening_size_bytes, 0};
        ENSURE(
            journal_.add({.delta_name = delta_name_, .phase = Phase::patching, .delta_offset = noted_.delta_offset}));
    }
    moved_.is_at(header_.shift_bytes, header_.old_size_bytes);
    written_.go_on_at(noted_.image_offset);
    patcher_ = &patcher_room_.emplace(moved_, workspace_, written_, hasher_, noted_,
                                      Patcher::Terms{Mode::in_place, BaseCheck::done_before});
    turn_to(Work::patching);
    TRY([[maybe_unused]] const View nothing, patch(header_bytes_));
    return {};
}

Result<View> InPlace::patch(View piece) {
    patcher_->pause_at(end_of_step());
    TRY(piece, patcher_->push_some(piece));
    if (work_ == Work::patching && patcher_->is_complete()) {
        ENSURE(patcher_->finish());
        turn_to(Work::proving);
    }
    return piece;
}

// In the sector that is being written; as the patcher may make a little more, that much before its end.
std::uint32_t InPlace::end_of_step() const {
    const std::uint32_t sector = bank_.sector_bytes(), from = written_.next();
    const std::uint32_t end = whole_sectors(from + Patcher::pause_overshoot_bytes + 1, sector);
    return std::min(from + step_bytes, end - Patcher::pause_overshoot_bytes);
}

Result<void> InPlace::prove_some() {
    TRY(const bool is_all, hash_some(header_.new_size_bytes));
    if (!is_all) return {};
    if (hasher_.finish() != header_.new_digest) return fail(faults::damaged, "the bank does not hold the new image");
    turn_to(Work::done);
    return {};
}

Result<void> InPlace::note_progress() {
    const Progress now = patcher_->progress();
    if (now == noted_) return {};
    noted_ = now;
    return journal_.add({.delta_name = delta_name_,
                         .phase = Phase::patching,
                         .delta_offset = now.delta_offset,
                         .image_offset = now.image_offset});
}

Result<void> InPlace::Written::push(View piece) {
    ENSURE(whole_.note_progress());
    const std::uint32_t sector = whole_.bank_.sector_bytes(), unit = whole_.bank_.program_unit_bytes();
    while (!piece.empty()) {
        if (filled_ == 0 && at_ % sector == 0) ENSURE(whole_.bank_.erase(at_));
        const std::size_t taken = std::min<std::size_t>(piece.size(), unit - filled_);
        std::ranges::copy(piece.first(taken), unit_.begin() + filled_);
        filled_ += static_cast<std::uint32_t>(taken);
        piece = piece.subspan(taken);
        if (filled_ == unit) ENSURE(program_unit());
    }
    return {};
}

Result<void> InPlace::Written::program_unit() {
    const std::uint32_t unit = whole_.bank_.program_unit_bytes();
    ENSURE(whole_.bank_.program(at_, View(unit_).first(unit)));
    at_ += unit;
    filled_ = 0;
    return {};
}

Result<void> InPlace::Written::finish() {
    if (filled_ == 0) return {};
    std::fill(unit_.begin() + filled_, unit_.end(), std::uint8_t{0xFF});
    return program_unit();
}

Result<void> InPlace::finish() {
    while (is_holding()) ENSURE(step());
    if (error_) return fail(*error_);
    if (work_ != Work::done) return fail(faults::truncated);
    if (last_->phase == Phase::done) return {};
    last_ = JournalRecord{.delta_name = delta_name_,
                          .phase = Phase::done,
                          .delta_offset = header_.delta_size_bytes,
                          .image_offset = header_.new_size_bytes};
    return journal_.add(*last_);
}

}  // namespace pitstop::delta
