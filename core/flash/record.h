// What a tester tells an ECU about an image, and what the ECU checks and keeps. ECU profile.
//
// On the wire and in flash: 112 bytes, big endian.
//   0 size u32 · 4 SHA-256 · 36 version 4 x u16 (major minor patch build) · 44 release counter u32 ·
//   48 hardware id, 64 bytes padded with zeros
// Fault: flash.bad-record.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/text.h"

#include <array>
#include <cstdint>

namespace pitstop::flash {

struct ImageRecord {
    static constexpr std::size_t size_on_wire_bytes = 112;
    static constexpr std::size_t hardware_id_size_max = 64;  // as HardwareId

    std::uint32_t size_bytes = 0;
    Sha256Digest sha256{};
    Version version{};
    std::uint32_t release_counter = 0;
    Text<hardware_id_size_max> hardware_id{};

    friend bool operator==(const ImageRecord&, const ImageRecord&) = default;
};

using ImageRecordBytes = std::array<std::uint8_t, ImageRecord::size_on_wire_bytes>;

[[nodiscard]] ImageRecordBytes to_bytes(const ImageRecord& record);

// Exactly 112 bytes; an image has at least one byte and a hardware id of letters, digits, '.', '_' and '-'.
[[nodiscard]] Result<ImageRecord> parse_image_record(View bytes);

}  // namespace pitstop::flash
