#include "core/flash/boot_records.h"

#include "core/flash/faults.h"
#include "core/package/crc32.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint32_t magic = 0x50425231;  // "PBR1"
constexpr std::array<std::size_t, 2> image_at{24, 136};
constexpr std::size_t crc_at = 252;

// Counted around: behind 2^32-1 comes 0, and the later of two is less than half of all numbers ahead.
bool is_earlier(std::uint32_t sequence, std::uint32_t than) { return static_cast<std::int32_t>(sequence - than) < 0; }

}  // namespace

BootRecordBytes to_bytes(const BootRecord& record) {
    BootRecordBytes bytes{};
    store_be(bytes.data(), magic);
    store_be(bytes.data() + 4, record.sequence);
    store_be(bytes.data() + 8, record.release_counter);
    bytes[12] = static_cast<std::uint8_t>(record.active);
    bytes[13] = static_cast<std::uint8_t>(record.phase);
    bytes[14] = record.attempts;
    bytes[15] = static_cast<std::uint8_t>(record.last_change);
    for (const Bank bank : {Bank::a, Bank::b}) {
        if (!record.image(bank)) continue;
        bytes[16] = static_cast<std::uint8_t>(bytes[16] | (1U << index_of(bank)));
        std::ranges::copy(to_bytes(*record.image(bank)),
                          bytes.begin() + static_cast<std::ptrdiff_t>(image_at[index_of(bank)]));
    }
    store_be(bytes.data() + crc_at, package::crc32(View(bytes).first(crc_at)));
    return bytes;
}

Result<BootRecord> parse_boot_record(View bytes) {
    if (bytes.size() != boot_record_size_bytes || load_be<std::uint32_t>(bytes.data()) != magic)
        return fail(faults::bad_record, "not a boot record");
    if (load_be<std::uint32_t>(bytes.data() + crc_at) != package::crc32(bytes.first(crc_at)))
        return fail(faults::bad_record, "a boot record that was never finished");
    const bool in_range = bytes[12] <= 1 && bytes[13] <= static_cast<std::uint8_t>(Phase::returning) &&
                          bytes[15] <= static_cast<std::uint8_t>(LastChange::rolled_back_on_request) && bytes[16] <= 3;
    if (!in_range) return fail(faults::bad_record, "a boot record of another version of this software");
    BootRecord record;
    record.sequence = load_be<std::uint32_t>(bytes.data() + 4);
    record.release_counter = load_be<std::uint32_t>(bytes.data() + 8);
    record.active = static_cast<Bank>(bytes[12]);
    record.phase = static_cast<Phase>(bytes[13]);
    record.attempts = bytes[14];
    record.last_change = static_cast<LastChange>(bytes[15]);
    for (const Bank bank : {Bank::a, Bank::b}) {
        if ((bytes[16] & (1U << index_of(bank))) == 0) continue;
        TRY(record.images[index_of(bank)],
            parse_image_record(bytes.subspan(image_at[index_of(bank)], ImageRecord::size_on_wire_bytes)));
    }
    return record;
}

Result<std::optional<BootRecord>> BootRecords::read() {
    std::optional<BootRecord> newest;
    for (std::size_t area = 0; area < areas_.size(); ++area) {
        BootRecordBytes bytes;
        ENSURE(device_.read(device_.geometry().sector(areas_[area]).offset, bytes));
        const auto record = parse_boot_record(bytes);
        if (!record || (newest && is_earlier(record->sequence, newest->sequence))) continue;
        newest = *record;
        newest_ = area;
        has_any_ = true;
    }
    return newest;
}

Result<void> BootRecords::write(BootRecord& record) {
    const std::size_t older = 1 - newest_;
    BootRecord next = record;
    ++next.sequence;
    ENSURE(device_.erase(areas_[older]));
    ENSURE(device_.program(device_.geometry().sector(areas_[older]).offset, to_bytes(next)));
    newest_ = older;
    has_any_ = true;
    record = next;
    return {};
}

TransferJournal::Room BootRecords::room_behind_newest() const {
    if (!has_any_) return {};
    const Sector sector = device_.geometry().sector(areas_[newest_]);
    constexpr auto record_bytes = static_cast<std::uint32_t>(boot_record_size_bytes);
    return {sector.offset + record_bytes, sector.size_bytes - record_bytes};
}

}  // namespace pitstop::flash
