#include "core/delta/header.h"

#include "core/delta/faults.h"
#include "core/delta/workspace.h"

#include <algorithm>
#include <bit>

namespace pitstop::delta {
namespace {

constexpr std::uint32_t magic = 0x544C4450;  // "PDLT"
constexpr std::uint8_t version = 1;

bool is_power_between(std::uint32_t value, std::uint32_t lowest, std::uint32_t highest) {
    return std::has_single_bit(value) && value >= lowest && value <= highest;
}

Result<void> check(const Header& header) {
    if (header.old_size_bytes > image_bytes_max || header.new_size_bytes > image_bytes_max)
        return fail(faults::too_large);
    if (header.old_size_bytes == 0 || header.new_size_bytes == 0) return fail(faults::damaged, "an image of no bytes");
    if (!is_power_between(header.window_bytes, window_bytes_min, window_bytes_max) ||
        !is_power_between(header.sector_bytes, sector_bytes_min, sector_bytes_max))
        return fail(faults::damaged, "window or sector");
    const bool moves = header.mode == Mode::in_place;
    if ((header.shift_bytes != 0 && !moves) || header.shift_bytes % header.sector_bytes != 0 ||
        header.shift_bytes > image_bytes_max)
        return fail(faults::damaged, "how far the old image moves");
    if (header.place_count > places_max) return fail(faults::damaged, "more places than there may be");
    if (header.opening_size_bytes < header_size_bytes || header.delta_size_bytes < header.opening_size_bytes)
        return fail(faults::damaged, "sizes of the delta");
    return {};
}

}  // namespace

HeaderBytes encode_header(const Header& header) {
    HeaderBytes bytes{};
    std::uint8_t* const at = bytes.data();
    store_le(at + 0, magic);
    at[4] = version;
    at[5] = static_cast<std::uint8_t>(header.mode);
    store_le(at + 8, header.window_bytes);
    store_le(at + 12, header.sector_bytes);
    store_le(at + 16, header.old_size_bytes);
    store_le(at + 20, header.new_size_bytes);
    std::ranges::copy(header.old_digest, at + 24);
    std::ranges::copy(header.new_digest, at + 56);
    store_le(at + 88, header.shift_bytes);
    store_le(at + 92, header.place_count);
    store_le(at + 96, header.opening_size_bytes);
    store_le(at + 100, header.delta_size_bytes);
    return bytes;
}

Result<Header> decode_header(View bytes) {
    if (bytes.size() < header_size_bytes) return fail(faults::truncated, "a delta begins with 120 bytes");
    const std::uint8_t* const at = bytes.data();
    if (load_le<std::uint32_t>(at) != magic || at[4] != version) return fail(faults::not_this_version);
    if (at[5] > static_cast<std::uint8_t>(Mode::in_place)) return fail(faults::damaged, "an unknown mode");
    if (at[6] != 0 || at[7] != 0 || std::ranges::any_of(bytes.subspan(104, 16), [](auto byte) { return byte != 0; }))
        return fail(faults::damaged, "reserved bytes are not zero");
    Header header;
    header.mode = static_cast<Mode>(at[5]);
    header.window_bytes = load_le<std::uint32_t>(at + 8);
    header.sector_bytes = load_le<std::uint32_t>(at + 12);
    header.old_size_bytes = load_le<std::uint32_t>(at + 16);
    header.new_size_bytes = load_le<std::uint32_t>(at + 20);
    std::copy_n(at + 24, header.old_digest.size(), header.old_digest.begin());
    std::copy_n(at + 56, header.new_digest.size(), header.new_digest.begin());
    header.shift_bytes = load_le<std::uint32_t>(at + 88);
    header.place_count = load_le<std::uint32_t>(at + 92);
    header.opening_size_bytes = load_le<std::uint32_t>(at + 96);
    header.delta_size_bytes = load_le<std::uint32_t>(at + 100);
    ENSURE(check(header));
    return header;
}

std::size_t workspace_bytes(const Header& header) {
    return sizeof(Workspace) + alignof(Workspace) + header.place_count * (sizeof(Place) + sizeof(std::uint16_t)) +
           header.window_bytes;
}

}  // namespace pitstop::delta
