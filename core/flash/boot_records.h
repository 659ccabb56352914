// The boot record in flash: two areas, written alternately, so that a power cut leaves the old or the new one.
// ECU profile.
//
// Bring: a device and the two sectors. A write erases the area that does not hold the newest record and programs the
// new one there, with the next sequence number; a record whose CRC-32 does not fit was never finished and is ignored.
// The CRC finds torn writes. It proves nothing about who wrote: that the image is genuine was settled before it was
// staged.
//
// In flash: 256 bytes, big endian.
//   0 magic "PBR1" · 4 sequence u32 · 8 release counter u32 · 12 active bank · 13 phase · 14 attempts ·
//   15 last change · 16 images present (bit 0 A, bit 1 B) · 17 zeros · 24 image A · 136 image B · 248 zeros ·
//   252 CRC-32 of bytes 0-251
#pragma once

#include "core/flash/boot.h"
#include "core/flash/device.h"
#include "core/flash/transfer_journal.h"

#include <array>
#include <cstdint>

namespace pitstop::flash {

inline constexpr std::size_t boot_record_size_bytes = 256;
using BootRecordBytes = std::array<std::uint8_t, boot_record_size_bytes>;

[[nodiscard]] BootRecordBytes to_bytes(const BootRecord& record);
[[nodiscard]] Result<BootRecord> parse_boot_record(View bytes);  // flash.bad-record

class BootRecords {
public:
    // `areas`: two sectors of at least 256 bytes that hold nothing else.
    BootRecords(FlashDevice& device, std::array<std::uint32_t, 2> areas) : device_(device), areas_(areas) {}

    // The newest finished record. An empty optional: this flash was never given one (or both are damaged).
    [[nodiscard]] Result<std::optional<BootRecord>> read();

    // Keeps the record, with its sequence raised. When this returns an error, the flash holds the old or the new one.
    [[nodiscard]] Result<void> write(BootRecord& record);

    // What is left of the newest record's sector: it is erased together with that record. Nothing where there is none.
    [[nodiscard]] TransferJournal::Room room_behind_newest() const;

private:
    FlashDevice& device_;
    std::array<std::uint32_t, 2> areas_;
    bool has_any_ = false;
    std::size_t newest_ = 1;  // index into areas_; the first write of an empty flash goes to area 0
};

}  // namespace pitstop::flash
