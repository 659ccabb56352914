#include "core/delta/journal.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

constexpr std::uint32_t magic = 0x4C4A4450;  // "PDJL"
constexpr std::size_t checked_bytes = 28;    // of a record; the check follows

}  // namespace

std::array<std::uint8_t, 4> Journal::check_of(View record) {
    hasher_.reset();
    hasher_.update(record.first(checked_bytes));
    const Sha256Digest digest = hasher_.finish();
    return {digest[0], digest[1], digest[2], digest[3]};
}

Result<Journal::Scanned> Journal::scan(std::uint32_t sector_offset) {
    Scanned scanned;
    Slot slot{};
    for (std::uint32_t at = 0; at + slot_bytes() <= bank_.sector_bytes(); at += slot_bytes()) {
        const Room record = Room(slot).first(slot_bytes());
        ENSURE(bank_.read(sector_offset + at, record));
        if (std::ranges::all_of(record, [](std::uint8_t byte) { return byte == 0xFF; })) continue;
        scanned.free_from = at + slot_bytes();  // also behind what a power cut left half written
        const std::uint8_t* const bytes = slot.data();
        const auto sequence = load_le<std::uint32_t>(bytes + 4);
        const bool is_whole = load_le<std::uint32_t>(bytes) == magic && bytes[16] >= 1 && bytes[16] <= 3 &&
                              std::ranges::equal(check_of(record), record.subspan(checked_bytes, 4));
        if (!is_whole || (scanned.newest && sequence <= scanned.sequence)) continue;
        scanned.sequence = sequence;
        JournalRecord& found = scanned.newest.emplace();
        found.delta_name = load_le<std::uint64_t>(bytes + 8);
        found.phase = static_cast<Phase>(bytes[16]);
        if (found.phase == Phase::moving)
            found.moved_sectors = load_le<std::uint32_t>(bytes + 20);
        else
            found.delta_offset = load_le<std::uint32_t>(bytes + 20);
        found.image_offset = load_le<std::uint32_t>(bytes + 24);
    }
    return scanned;
}

Result<std::optional<JournalRecord>> Journal::last() {
    const std::uint32_t other_sector = bank_.sector_bytes();
    TRY(const Scanned first, scan(0));
    TRY(const Scanned second, scan(other_sector));
    const bool is_second = second.newest && (!first.newest || second.sequence > first.sequence);
    const Scanned& newest = is_second ? second : first;
    sequence_ = newest.sequence;
    sector_ = is_second ? other_sector : 0;
    // Without any record nothing is known about either sector: the first one is erased by the next record.
    next_ = newest.newest ? newest.free_from : bank_.sector_bytes();
    if (!newest.newest) sector_ = other_sector;
    return newest.newest;
}

Result<void> Journal::add(const JournalRecord& record) {
    if (next_ + slot_bytes() > bank_.sector_bytes()) {
        sector_ = sector_ == 0 ? bank_.sector_bytes() : 0;
        next_ = 0;
        ENSURE(bank_.erase(sector_));
    }
    Slot slot{};
    store_le(slot.data(), magic);
    store_le(slot.data() + 4, ++sequence_);
    store_le(slot.data() + 8, record.delta_name);
    slot[16] = static_cast<std::uint8_t>(record.phase);
    store_le(slot.data() + 20, record.phase == Phase::moving ? record.moved_sectors : record.delta_offset);
    store_le(slot.data() + 24, record.image_offset);
    std::ranges::copy(check_of(slot), slot.begin() + checked_bytes);
    const std::uint32_t at = sector_ + next_;
    next_ += slot_bytes();
    return bank_.program(at, View(slot).first(slot_bytes()));
}

}  // namespace pitstop::delta
