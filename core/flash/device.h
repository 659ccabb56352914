// The port to a flash memory, and the rules that every flash obeys.
//
// Bring: an implementation (RamFlash for tests, io/files FileFlash for a virtual ECU, a driver on a microcontroller).
// Rules: an erase takes one whole sector to 0xFF; programming only clears bits and comes in whole, aligned program
// units; power may fail during any erase or program, which then is half done. An implementation refuses what breaks a
// rule (flash.bad-address, flash.sets-a-bit) by calling the checks below; it never repairs it silently.
// Units: bytes; offsets count from the start of this flash. ECU profile: no heap, no exceptions.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <array>
#include <cstdint>

namespace pitstop::flash {

// Neighbouring sectors of one size.
struct SectorRun {
    std::uint32_t count = 0;
    std::uint32_t size_bytes = 0;
};

struct Sector {
    std::uint32_t offset = 0;
    std::uint32_t size_bytes = 0;
};

struct Geometry {
    static constexpr std::size_t runs_max = 4;                    // the parts we know have one to three sizes
    static constexpr std::uint32_t program_unit_bytes_max = 256;  // NOR pages; ECC words of controllers are smaller
    static constexpr std::uint32_t size_bytes_max = 1U << 30;     // keeps every offset and sum inside 32 bits

    std::array<SectorRun, runs_max> runs{};  // in address order; the unused ones count 0
    std::uint32_t program_unit_bytes = 8;

    [[nodiscard]] std::uint32_t sector_count() const;
    [[nodiscard]] std::uint32_t size_bytes() const;
    [[nodiscard]] Sector sector(std::uint32_t index) const;  // index < sector_count()
};

// flash.bad-geometry: no sectors, sizes that are no multiple of the program unit, more than a flash can have.
[[nodiscard]] Result<void> check_geometry(const Geometry& geometry);

class FlashDevice {
public:
    [[nodiscard]] virtual const Geometry& geometry() const = 0;

    // Each reports flash.bad-address for a place outside the flash or outside its alignment, flash.sets-a-bit for a
    // program that would need an erase first, and flash.device-failed for what the hardware says.
    [[nodiscard]] virtual Result<void> erase(std::uint32_t sector) = 0;
    [[nodiscard]] virtual Result<void> program(std::uint32_t offset, View bytes) = 0;
    [[nodiscard]] virtual Result<void> read(std::uint32_t offset, Room into) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    FlashDevice() = default;
    FlashDevice(const FlashDevice&) = default;
    FlashDevice& operator=(const FlashDevice&) = default;
    ~FlashDevice() = default;
};

// What an implementation asks before it acts.
[[nodiscard]] Result<void> check_erase(const Geometry& geometry, std::uint32_t sector);
[[nodiscard]] Result<void> check_program(const Geometry& geometry, std::uint32_t offset, std::size_t size_bytes);
[[nodiscard]] Result<void> check_read(const Geometry& geometry, std::uint32_t offset, std::size_t size_bytes);
[[nodiscard]] Result<void> check_only_clears(View in_flash, View wanted);  // both of one size

}  // namespace pitstop::flash
