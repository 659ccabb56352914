// What an ECU must not forget or mix up (the state of its trust), in two flash areas. ECU profile.
//
// Bring: a device, two areas of whole sectors that hold nothing else, a hasher. save() erases the area that does not
// hold the newest blob, programs the new one there and its header last; load() gives the newest whole blob. A power cut
// at any operation leaves the old blob or the new one, never something between. The digest finds torn writes and worn
// cells; it proves nothing about who wrote.
//
// An area, big endian: 0 magic "PTA1" · 4 sequence u32 · 8 size u32 · 12 SHA-256 of bytes 0-11 and the blob, 32 ·
// 0xFF up to a whole program unit · the blob · 0xFF up to a whole program unit
// Faults: flash.bad-geometry, too-large, device-failed and those of device.h.
#pragma once

#include "core/crypto/hasher.h"
#include "core/flash/device.h"

#include <array>
#include <optional>

namespace pitstop::flash {

// Neighbouring sectors.
struct SectorRange {
    std::uint32_t first_sector = 0;
    std::uint32_t sector_count = 1;
};

class TrustArea {
public:
    static constexpr std::size_t header_size_bytes = 44;

    TrustArea(FlashDevice& device, std::array<SectorRange, 2> areas, crypto::Hasher& hasher)
        : device_(device),
          hasher_(hasher),
          areas_(areas) {}

    // flash.bad-geometry: an area is not there, overlaps the other, or has no room for a header and a byte.
    [[nodiscard]] Result<void> check() const;

    // The largest blob: what the smaller area holds.
    [[nodiscard]] std::uint32_t capacity_bytes() const;

    // The newest whole blob, at the start of `into`. Nothing: none was ever saved, or both are damaged.
    // flash.too-large when `into` is smaller than the blob.
    [[nodiscard]] Result<std::optional<View>> load(Room into);

    // When this returns an error, the flash holds the old blob or the new one.
    // flash.too-large beyond the capacity; device-failed also when what was programmed does not read back.
    [[nodiscard]] Result<void> save(View blob);

private:
    struct Header {
        std::uint32_t sequence = 0;
        std::uint32_t size_bytes = 0;
        Sha256Digest digest{};
    };
    struct Newest {
        std::size_t area = 1;  // the first blob of an empty flash goes to area 0
        std::uint32_t sequence = 0;
        std::uint32_t size_bytes = 0;
    };

    [[nodiscard]] std::uint32_t offset_of(std::size_t area) const;
    [[nodiscard]] std::uint32_t size_of(std::size_t area) const;
    [[nodiscard]] std::uint32_t body_offset() const;  // inside an area
    [[nodiscard]] std::array<std::uint8_t, 12> digested_part(const Header& header) const;
    [[nodiscard]] Result<std::optional<Header>> read_whole(std::size_t area);  // nothing: torn, damaged, empty
    [[nodiscard]] Result<std::optional<Newest>> find_newest();
    [[nodiscard]] Result<void> program_padded(std::uint32_t offset, View bytes);

    FlashDevice& device_;
    crypto::Hasher& hasher_;
    std::array<SectorRange, 2> areas_;
};

}  // namespace pitstop::flash
