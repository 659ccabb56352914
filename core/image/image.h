// What the engineer hands in: the bytes that a bank of the ECU will hold, and what they are.
//
// Bring the file's bytes and its name; get a FirmwareImage whose digests were computed here, once. ELF, Intel HEX and
// S-records are recognised and checked, so that a truncated build is refused at the desk; everything else is raw.
//
// In which layout it travels can be chosen. `file`: the bytes as they were handed in, for an ECU that loads the file
// itself. `flat`: what stands in memory, from the lowest to the highest address, gaps filled with 0xFF. Raw and ELF
// travel as files by default, Intel HEX and S-records flat.
//
// Faults: image.empty, too-large, not-segmented, base.bad-name, those of elf.h, intel_hex.h, s_record.h, segments.h.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::image {

// A record's size field has 32 bits and the desk tool holds the image in memory; no ECU bank is as large as this.
inline constexpr std::uint64_t size_bytes_max = std::uint64_t{1} << 30;

enum class Kind : std::uint8_t { raw, elf, intel_hex, s_record };
enum class Layout : std::uint8_t { file, flat };

[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] std::string_view to_string(Layout layout);

// Where bytes of the image belong in the ECU's memory.
struct Extent {
    std::uint64_t address = 0;
    std::uint64_t size_bytes = 0;
    bool operator==(const Extent&) const = default;
};

struct FirmwareImage {
    std::string name;  // of the file, for people; never used as a path
    Kind kind = Kind::raw;
    Layout layout = Layout::file;
    std::vector<Extent> extents{};  // of a flat image, in ascending order; what lies between them is filled
    Bytes bytes{};
    Sha256Digest sha256{};
    Sha512Digest sha512{};
};

// To be asked before a file is read into memory.
[[nodiscard]] Result<void> check_size(std::uint64_t size_bytes);

[[nodiscard]] Result<FirmwareImage> read(std::string_view name, Bytes bytes,
                                         std::optional<Layout> layout = std::nullopt);

}  // namespace pitstop::image
