// The 64 bytes in front of every image on its way: the SWPG record header (docs/formats/package.md), little-endian.
//
// Bring 64 bytes, get a Header of which every field was checked; or bring a Header, get the only bytes it can have.
// Nothing here is authentic: the CRC finds damage, and who vouches for the image is told by signed Uptane metadata
// alone. ECU profile: no heap, no exceptions.
//
// Faults: package.not-a-record … package.time-out-of-range, package.truncated for fewer than 64 bytes.
#pragma once

#include "core/base/bytes.h"
#include "core/base/form.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/package/addressee.h"

#include <array>
#include <cstdint>

namespace pitstop::package {

inline constexpr std::size_t header_size_bytes = 64;
inline constexpr std::uint32_t magic = 0x53575047;
inline constexpr std::uint16_t oem_address = 0;    // as source: the record comes from the OEM's cloud
inline constexpr std::uint16_t hop_count_max = 8;  // cloud, gateway, zone, ECU are three hops; more means a loop

enum class SoftwareType : std::uint8_t { application = 1, boot = 2, calibration = 3, configuration = 4 };

[[nodiscard]] std::string_view to_string(SoftwareType type);
[[nodiscard]] Result<SoftwareType> software_type_from(std::string_view name);  // package.unknown-software-type

struct Header {
    Addressee target;
    SoftwareType software_type = SoftwareType::application;
    Form form = {};                             // of the stored payload
    std::uint32_t payload_size_bytes = 0;       // as stored behind the header
    std::uint32_t uncompressed_size_bytes = 0;  // of the image after opening
    Version version;                            // four numbers of at most 255
    std::uint32_t created_s = 0;                // seconds since 1970-01-01T00:00:00Z
    std::uint32_t release_counter = 0;          // the field called "serial"
    std::uint32_t crc32 = 0;                    // of the stored payload
    std::uint16_t source_address = oem_address;
    std::uint16_t hop_count = 0;
    std::uint32_t sequence_number = 0;  // rises from record to record, in installation order

    bool operator==(const Header&) const = default;
};

using HeaderBytes = std::array<std::uint8_t, header_size_bytes>;

[[nodiscard]] Result<Header> decode(View bytes);
[[nodiscard]] Result<HeaderBytes> encode(const Header& header);

}  // namespace pitstop::package
