// The flash of a virtual ECU: a file that obeys flash rules (core/flash/device.h) and survives kill -9 and a power cut.
//
// Bring a path whose folder exists, the geometry, and the sectors that begin with a record which vouches for what was
// programmed before it (boot records, trust areas): a program at such a sector's start is on the disk when it returns,
// and everything before it was there earlier. A missing file is created, all 0xFF. One process has the file at a time.
// Faults: those of the device; flash.bad-geometry when the file has another size; files.unwritable, files.not-synced.
#pragma once

#include "core/flash/device.h"
#include "io/files/descriptor.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace pitstop::io::files {

class FileFlash final : public flash::FlashDevice {
public:
    static Result<std::unique_ptr<FileFlash>> open(const std::filesystem::path& path, const flash::Geometry& geometry,
                                                   std::span<const std::uint32_t> synced_sectors);

    // These are worn out from now on: erasing and programming them fails with flash.device-failed.
    void fail_sectors(std::span<const std::uint32_t> sectors) { worn_out_.assign(sectors.begin(), sectors.end()); }

    [[nodiscard]] const flash::Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> erase(std::uint32_t sector) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, View bytes) override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override;

private:
    FileFlash(Descriptor file, const flash::Geometry& geometry, std::span<const std::uint32_t> synced_sectors);

    [[nodiscard]] Result<void> check_works(std::uint32_t offset, std::size_t size_bytes) const;
    [[nodiscard]] bool is_synced(std::uint32_t offset) const;
    [[nodiscard]] Result<void> write_at(std::uint32_t offset, View bytes);
    [[nodiscard]] Result<void> sync();

    Descriptor file_;
    flash::Geometry geometry_;
    std::vector<std::uint32_t> synced_;  // offsets
    std::vector<std::uint32_t> worn_out_;
    Bytes before_;  // what a program operation finds; kept to be used again
    Bytes blank_;
};

}  // namespace pitstop::io::files
