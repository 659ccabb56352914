#include "core/flash/bank_writer.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {

namespace {

// A cut may have left the sector in which it happened, or the next one, only seemingly erased.
constexpr std::uint32_t doubtful_sectors = 2;

}  // namespace

Result<bool> is_blank(FlashDevice& device, const Sector& sector) {
    std::array<std::uint8_t, 256> buffer{};
    for (std::uint32_t at = 0; at < sector.size_bytes; at += static_cast<std::uint32_t>(buffer.size())) {
        const Room piece = Room(buffer).first(std::min<std::size_t>(buffer.size(), sector.size_bytes - at));
        ENSURE(device.read(sector.offset + at, piece));
        if (!std::ranges::all_of(piece, [](std::uint8_t cell) { return cell == 0xFF; })) return false;
    }
    return true;
}

Result<void> BankWriter::begin(const BankRange& bank, std::uint32_t size_bytes) { return go_on(bank, size_bytes, 0); }

Result<void> BankWriter::go_on(const BankRange& bank, std::uint32_t size_bytes, std::uint32_t from_bytes) {
    state_ = State::idle;
    is_left_ = false;
    if (size_bytes == 0) return fail(faults::wrong_size, "an image has at least one byte");
    if (size_bytes > bank.size_bytes) return fail(faults::too_large);
    bank_ = bank;
    size_bytes_ = size_bytes;
    from_bytes_ = received_bytes_ = from_bytes;
    next_sector_ = bank.first_sector;
    next_sector_offset_ = bank.offset;
    while (next_sector_offset_ < bank.offset + from_bytes)
        next_sector_offset_ += device_.geometry().sector(next_sector_++).size_bytes;
    programmed_to_ = bank.offset + from_bytes;
    write_sector_ = next_sector_;
    unit_fill_ = 0;
    state_ = State::erasing;
    return {};
}

void BankWriter::leave_to_opening(const BankRange& bank, std::uint32_t size_bytes) {
    bank_ = bank;
    size_bytes_ = size_bytes;
    from_bytes_ = received_bytes_ = 0;
    is_left_ = true;
    state_ = State::writing;
}

Result<bool> BankWriter::must_erase(const Sector& sector) {
    if (from_bytes_ == 0 || next_sector_ < write_sector_ + doubtful_sectors) return true;
    TRY(const bool blank, is_blank(device_, sector));
    return !blank;
}

Result<Step> BankWriter::erase_step() {
    if (state_ != State::erasing) return fail(faults::wrong_sequence, "an erase that was not begun");
    const Sector sector = device_.geometry().sector(next_sector_);
    const auto is_due = must_erase(sector);
    const auto erased = !is_due ? fail(is_due.error()) : *is_due ? device_.erase(next_sector_) : Result<void>{};
    if (!erased) {
        state_ = State::idle;
        return fail(erased.error());
    }
    next_sector_offset_ += sector.size_bytes;
    ++next_sector_;
    if (erased_bytes() < size_bytes_) return Step::more;
    state_ = State::writing;
    return Step::done;
}

std::uint32_t BankWriter::left_of_sector() {
    Sector sector = device_.geometry().sector(write_sector_);
    if (programmed_to_ == sector.offset + sector.size_bytes) sector = device_.geometry().sector(++write_sector_);
    return sector.offset + sector.size_bytes - programmed_to_;
}

Result<void> BankWriter::program(View whole_units) {
    while (!whole_units.empty()) {
        const View piece = whole_units.first(std::min<std::size_t>(whole_units.size(), left_of_sector()));
        if (auto programmed = device_.program(programmed_to_, piece); !programmed) {
            state_ = State::idle;
            return programmed;
        }
        programmed_to_ += static_cast<std::uint32_t>(piece.size());
        whole_units = whole_units.subspan(piece.size());
    }
    return {};
}

Result<View> BankWriter::fill_unit(View bytes) {
    const std::uint32_t unit = device_.geometry().program_unit_bytes;
    const std::size_t taken = std::min<std::size_t>(unit - unit_fill_, bytes.size());
    std::ranges::copy(bytes.first(taken), unit_.begin() + unit_fill_);
    unit_fill_ += static_cast<std::uint32_t>(taken);
    if (unit_fill_ == unit) {
        ENSURE(program(View(unit_).first(unit)));
        unit_fill_ = 0;
    }
    return bytes.subspan(taken);
}

Result<void> BankWriter::write(View bytes) {
    if (state_ != State::writing || is_left_)
        return fail(faults::wrong_sequence, "a write into a bank that is not erased");
    if (bytes.size() > size_bytes_ - received_bytes_) return fail(faults::wrong_size, "more bytes than were announced");
    received_bytes_ += static_cast<std::uint32_t>(bytes.size());
    if (unit_fill_ > 0) {
        TRY(bytes, fill_unit(bytes));
    }
    const std::size_t whole = bytes.size() - bytes.size() % device_.geometry().program_unit_bytes;
    if (whole > 0) ENSURE(program(bytes.first(whole)));
    if (bytes.size() > whole) {
        TRY(bytes, fill_unit(bytes.subspan(whole)));
    }
    return {};
}

Result<void> BankWriter::finish() {
    if (state_ == State::finished) return {};
    if (state_ != State::writing) return fail(faults::wrong_sequence, "a transfer that was not begun");
    if (!is_left_ && received_bytes_ != size_bytes_) return fail(faults::wrong_size, "fewer bytes than were announced");
    if (!is_left_ && unit_fill_ > 0) {
        const std::uint32_t unit = device_.geometry().program_unit_bytes;
        std::fill(unit_.begin() + unit_fill_, unit_.begin() + unit, std::uint8_t{0xFF});
        ENSURE(program(View(unit_).first(unit)));
        unit_fill_ = 0;
    }
    state_ = State::finished;
    return {};
}

}  // namespace pitstop::flash
