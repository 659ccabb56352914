#include "core/flash/bank_writer.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {

Result<void> BankWriter::begin(const BankRange& bank, std::uint32_t size_bytes) {
    state_ = State::idle;
    if (size_bytes == 0) return fail(faults::wrong_size, "an image has at least one byte");
    if (size_bytes > bank.size_bytes) return fail(faults::too_large);
    bank_ = bank;
    size_bytes_ = size_bytes;
    received_bytes_ = 0;
    next_sector_ = bank.first_sector;
    next_sector_offset_ = bank.offset;
    programmed_to_ = bank.offset;
    unit_fill_ = 0;
    state_ = State::erasing;
    return {};
}

Result<Step> BankWriter::erase_step() {
    if (state_ != State::erasing) return fail(faults::wrong_sequence, "an erase that was not begun");
    if (auto erased = device_.erase(next_sector_); !erased) {
        state_ = State::idle;
        return fail(erased.error());
    }
    next_sector_offset_ += device_.geometry().sector(next_sector_).size_bytes;
    ++next_sector_;
    if (erased_bytes() < size_bytes_) return Step::more;
    state_ = State::writing;
    return Step::done;
}

Result<void> BankWriter::program(View whole_units) {
    if (auto programmed = device_.program(programmed_to_, whole_units); !programmed) {
        state_ = State::idle;
        return programmed;
    }
    programmed_to_ += static_cast<std::uint32_t>(whole_units.size());
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
    if (state_ != State::writing) return fail(faults::wrong_sequence, "a write into a bank that is not erased");
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
    if (received_bytes_ != size_bytes_) return fail(faults::wrong_size, "fewer bytes than were announced");
    if (unit_fill_ > 0) {
        const std::uint32_t unit = device_.geometry().program_unit_bytes;
        std::fill(unit_.begin() + unit_fill_, unit_.begin() + unit, std::uint8_t{0xFF});
        ENSURE(program(View(unit_).first(unit)));
        unit_fill_ = 0;
    }
    state_ = State::finished;
    return {};
}

}  // namespace pitstop::flash
