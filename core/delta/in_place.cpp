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

Result<void> InPlace::push(View piece) {
    if (error_) return fail(*error_);
    auto taken = take(piece);
    if (!taken) error_ = taken.error();
    return taken;
}

Result<void> InPlace::take(View piece) {
    if (patcher_ == nullptr) {
        const std::size_t taken = std::min(piece.size(), header_bytes_.size() - filled_);
        std::ranges::copy(piece.first(taken), header_bytes_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += taken;
        piece = piece.subspan(taken);
        if (filled_ < header_bytes_.size()) return {};
        ENSURE(begin());
    }
    return patcher_->push(piece);
}

Result<void> InPlace::begin() {
    if (!has_resumed_) {
        TRY([[maybe_unused]] const Progress from, resume());
    }
    TRY(const Header header, decode_header(header_bytes_));
    if (header.mode != Mode::in_place) return fail(faults::wrong_mode);
    if (workspace_.size() < workspace_bytes(header)) return fail(faults::needs_more_memory);
    ENSURE(check_bank(header));
    hasher_.reset();
    hasher_.update(header_bytes_);
    delta_name_ = load_le<std::uint64_t>(hasher_.finish().data());
    const bool is_this = last_ && last_->delta_name == delta_name_;
    if (last_ && !is_this && last_->phase != Phase::done) return fail(faults::half_done);
    if (!is_this) {
        TRY(const Sha256Digest digest, digest_of(header.old_size_bytes));
        if (digest != header.old_digest) return fail(faults::other_base);
        last_ = JournalRecord{.delta_name = delta_name_, .phase = Phase::moving};
        ENSURE(journal_.add(*last_));
    }
    Progress from{last_->delta_offset, last_->image_offset};
    if (last_->phase == Phase::moving) {
        ENSURE(move_old_image(header, last_->moved_sectors));
        from = {header.opening_size_bytes, 0};
        ENSURE(journal_.add({.delta_name = delta_name_, .phase = Phase::patching, .delta_offset = from.delta_offset}));
    }
    noted_ = from;
    moved_.is_at(header.shift_bytes, header.old_size_bytes);
    written_.go_on_at(from.image_offset);
    patcher_ = &patcher_room_.emplace(moved_, workspace_, written_, hasher_, from,
                                      Patcher::Terms{Mode::in_place, BaseCheck::done_before});
    return patcher_->push(header_bytes_);
}

Result<void> InPlace::check_bank(const Header& header) const {
    const std::uint32_t sector = bank_.sector_bytes();
    if (header.sector_bytes % sector != 0)
        return fail(faults::bank_too_small, "the bank's sectors are larger than those that the delta was made for");
    const std::uint64_t moved = std::uint64_t{whole_sectors(header.old_size_bytes, sector)} + header.shift_bytes;
    const std::uint64_t needed = std::max<std::uint64_t>(moved, whole_sectors(header.new_size_bytes, sector));
    if (needed > bank_.size_bytes()) return fail(faults::bank_too_small);
    return {};
}

Result<Sha256Digest> InPlace::digest_of(std::uint32_t size_bytes) {
    std::array<std::uint8_t, piece_bytes> buffer{};
    hasher_.reset();
    for (std::uint32_t at = 0; at < size_bytes; at += piece_bytes) {
        const Room piece = Room(buffer).first(std::min(piece_bytes, size_bytes - at));
        ENSURE(bank_.read(at, piece));
        hasher_.update(piece);
    }
    return hasher_.finish();
}

// From the last sector to the first, so that nothing is overwritten that was not moved. As many sectors as the shift is
// wide do not touch each other's originals: so many may be repeated, and only after so many the journal must know.
Result<void> InPlace::move_old_image(const Header& header, std::uint32_t moved_sectors) {
    const std::uint32_t sector = bank_.sector_bytes();
    const std::uint32_t count = whole_sectors(header.old_size_bytes, sector) / sector;
    const std::uint32_t width = header.shift_bytes / sector;
    if (width == 0) return {};
    for (std::uint32_t moved = moved_sectors; moved < count;) {
        const std::uint32_t until = std::min(count, moved + width);
        for (; moved < until; ++moved) {
            const std::uint32_t from = (count - 1 - moved) * sector;
            ENSURE(move_sector(from, from + header.shift_bytes));
        }
        ENSURE(journal_.add({.delta_name = delta_name_, .phase = Phase::moving, .moved_sectors = moved}));
    }
    return {};
}

Result<void> InPlace::move_sector(std::uint32_t from, std::uint32_t to) {
    std::array<std::uint8_t, piece_bytes> buffer{};
    ENSURE(bank_.erase(to));
    for (std::uint32_t at = 0; at < bank_.sector_bytes(); at += piece_bytes) {
        const Room piece = Room(buffer).first(std::min(piece_bytes, bank_.sector_bytes() - at));
        ENSURE(bank_.read(from + at, piece));
        ENSURE(bank_.program(to + at, piece));
    }
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
    if (error_) return fail(*error_);
    if (patcher_ == nullptr) return fail(faults::truncated);
    ENSURE(patcher_->finish());
    const Header& header = patcher_->shape();
    TRY(const Sha256Digest digest, digest_of(header.new_size_bytes));
    if (digest != header.new_digest) return fail(faults::damaged, "the bank does not hold the new image");
    if (last_ && last_->phase == Phase::done && last_->delta_name == delta_name_) return {};
    last_ = JournalRecord{.delta_name = delta_name_,
                          .phase = Phase::done,
                          .delta_offset = header.delta_size_bytes,
                          .image_offset = header.new_size_bytes};
    return journal_.add(*last_);
}

}  // namespace pitstop::delta
