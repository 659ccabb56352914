#include "core/package/header.h"

#include "core/package/faults.h"

#include <algorithm>

namespace pitstop::package {
namespace {

// docs/formats/package.md, "The header"
namespace at {
constexpr std::size_t magic = 0, target = 4, software_type = 6, compression = 7, payload_size = 8,
                      uncompressed_size = 12, version = 16, created = 20, serial = 24, crc32 = 28, signature = 32,
                      source = 44, hop_count = 46, sequence = 48, encoding = 52, sealing = 53, reserved = 54;
}  // namespace at
constexpr std::size_t signature_size_bytes = 12, reserved_size_bytes = 10;

constexpr std::array<std::string_view, 4> software_types{"application", "boot", "calibration", "configuration"};

bool is_source_address(std::uint16_t address) {
    return address == oem_address || address == gateway_address || is_ecu_address(address);
}

bool all_zero(View bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// What holds in both directions.
Result<void> check(const Header& header) {
    if (header.payload_size_bytes == 0) return fail(faults::impossible_size, "the stored payload is empty");
    if (header.uncompressed_size_bytes == 0) return fail(faults::impossible_size, "the image is empty");
    if (header.form.encoding == Encoding::delta && header.form.compression != Compression::none)
        return fail(faults::unknown_compression, "a delta is compressed inside and never again");
    if (header.form.is_plain() && header.payload_size_bytes != header.uncompressed_size_bytes)
        return fail(faults::impossible_size, "stored and uncompressed size differ although nothing was compressed");
    if (!is_source_address(header.source_address)) return fail(faults::unknown_address, "source address");
    if (header.hop_count > hop_count_max) return fail(faults::too_many_hops);
    return {};
}

Result<void> check_codes(View bytes) {
    if (bytes[at::software_type] < 1 || bytes[at::software_type] > 4) return fail(faults::unknown_software_type);
    if (bytes[at::compression] > 2) return fail(faults::unknown_compression);
    if (bytes[at::encoding] > 1) return fail(faults::unknown_encoding);
    if (bytes[at::sealing] > 1) return fail(faults::unknown_sealing);
    if (!all_zero(bytes.subspan(at::signature, signature_size_bytes)))
        return fail(faults::reserved_not_zero, "the signature field");
    if (!all_zero(bytes.subspan(at::reserved, reserved_size_bytes)))
        return fail(faults::reserved_not_zero, "bytes 54 to 63");
    return {};
}

}  // namespace

std::string_view to_string(SoftwareType type) {
    const auto number = static_cast<std::size_t>(type);
    return number >= 1 && number <= software_types.size() ? software_types[number - 1] : "impossible";
}

Result<SoftwareType> software_type_from(std::string_view name) {
    const auto found = std::ranges::find(software_types, name);
    if (found == software_types.end()) return fail(faults::unknown_software_type, name);
    return static_cast<SoftwareType>(found - software_types.begin() + 1);
}

Result<Header> decode(View bytes) {
    if (bytes.size() < header_size_bytes) return fail(faults::truncated, "a header has 64 bytes");
    const std::uint8_t* const from = bytes.data();
    if (load_le<std::uint32_t>(from + at::magic) != magic) return fail(faults::not_a_record);
    TRY(const Addressee target, Addressee::from_address(load_le<std::uint16_t>(from + at::target)));
    ENSURE(check_codes(bytes));
    const Header header{
        .target = target,
        .software_type = static_cast<SoftwareType>(from[at::software_type]),
        .form = {static_cast<Compression>(from[at::compression]), static_cast<Encoding>(from[at::encoding]),
                 static_cast<Sealing>(from[at::sealing])},
        .payload_size_bytes = load_le<std::uint32_t>(from + at::payload_size),
        .uncompressed_size_bytes = load_le<std::uint32_t>(from + at::uncompressed_size),
        .version = {from[at::version], from[at::version + 1], from[at::version + 2], from[at::version + 3]},
        .created_s = load_le<std::uint32_t>(from + at::created),
        .release_counter = load_le<std::uint32_t>(from + at::serial),
        .crc32 = load_le<std::uint32_t>(from + at::crc32),
        .source_address = load_le<std::uint16_t>(from + at::source),
        .hop_count = load_le<std::uint16_t>(from + at::hop_count),
        .sequence_number = load_le<std::uint32_t>(from + at::sequence),
    };
    ENSURE(check(header));
    return header;
}

Result<HeaderBytes> encode(const Header& header) {
    const Version& version = header.version;
    for (const std::uint16_t number : {version.major, version.minor, version.patch, version.build})
        if (number > 255) return fail(faults::version_too_large);
    ENSURE(check(header));
    HeaderBytes bytes{};
    std::uint8_t* const to = bytes.data();
    store_le<std::uint32_t>(to + at::magic, magic);
    store_le<std::uint16_t>(to + at::target, header.target.address());
    to[at::software_type] = static_cast<std::uint8_t>(header.software_type);
    to[at::compression] = static_cast<std::uint8_t>(header.form.compression);
    store_le<std::uint32_t>(to + at::payload_size, header.payload_size_bytes);
    store_le<std::uint32_t>(to + at::uncompressed_size, header.uncompressed_size_bytes);
    to[at::version] = static_cast<std::uint8_t>(version.major);
    to[at::version + 1] = static_cast<std::uint8_t>(version.minor);
    to[at::version + 2] = static_cast<std::uint8_t>(version.patch);
    to[at::version + 3] = static_cast<std::uint8_t>(version.build);
    store_le<std::uint32_t>(to + at::created, header.created_s);
    store_le<std::uint32_t>(to + at::serial, header.release_counter);
    store_le<std::uint32_t>(to + at::crc32, header.crc32);
    store_le<std::uint16_t>(to + at::source, header.source_address);
    store_le<std::uint16_t>(to + at::hop_count, header.hop_count);
    store_le<std::uint32_t>(to + at::sequence, header.sequence_number);
    to[at::encoding] = static_cast<std::uint8_t>(header.form.encoding);
    to[at::sealing] = static_cast<std::uint8_t>(header.form.sealing);
    ENSURE(check_codes(bytes));  // an enum may hold a number that was cast into it
    return bytes;
}

}  // namespace pitstop::package
