// What the engineer hands in: the bytes that a bank of the ECU will hold, and what they are.
//
// Bring the file's bytes and its name; get a FirmwareImage whose digests were computed here, once. An ELF file is
// recognised and its header checked, so that a truncated build is refused at the desk; its bytes travel as they are.
// Intel HEX and S-records will be turned into the same bytes.
//
// Faults: image.empty, image.too-large, image.broken-elf, base.bad-name.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace pitstop::image {

// A record's size field has 32 bits and the desk tool holds the image in memory; no ECU bank is as large as this.
inline constexpr std::uint64_t size_bytes_max = std::uint64_t{1} << 30;

enum class Kind : std::uint8_t { raw, elf };

[[nodiscard]] std::string_view to_string(Kind kind);

struct FirmwareImage {
    std::string name;  // of the file, for people; never used as a path
    Kind kind = Kind::raw;
    Bytes bytes{};
    Sha256Digest sha256{};
    Sha512Digest sha512{};
};

// To be asked before a file is read into memory.
[[nodiscard]] Result<void> check_size(std::uint64_t size_bytes);

[[nodiscard]] Result<FirmwareImage> read(std::string_view name, Bytes bytes);

}  // namespace pitstop::image
