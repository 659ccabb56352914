#include "core/uds/memory_range.h"

#include <limits>

namespace pitstop::uds {

namespace {

constexpr std::size_t number_bytes_max = 8;  // an address or size longer than 64 bits means nothing to anyone

std::uint64_t load_number(View bytes) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = (number << 8) | byte;
    return number;
}

bool is_possible(std::size_t length) { return length >= 1 && length <= number_bytes_max; }

}  // namespace

std::expected<ParsedRange, Nrc> parse_memory_range(View from_format, Behind behind) {
    if (from_format.empty()) return std::unexpected(Nrc::incorrect_message_length_or_invalid_format);
    const std::size_t address_bytes = from_format[0] & 0x0F, size_bytes = from_format[0] >> 4;
    if (!is_possible(address_bytes) || !is_possible(size_bytes)) return std::unexpected(Nrc::request_out_of_range);
    const std::size_t range_bytes = 1 + address_bytes + size_bytes;
    const bool has_length =
        behind == Behind::data ? from_format.size() > range_bytes : from_format.size() == range_bytes;
    if (!has_length) return std::unexpected(Nrc::incorrect_message_length_or_invalid_format);
    const MemoryRange range{load_number(from_format.subspan(1, address_bytes)),
                            load_number(from_format.subspan(1 + address_bytes, size_bytes))};
    const bool overflows = range.address > std::numeric_limits<std::uint64_t>::max() - range.size_bytes;
    if (range.size_bytes == 0 || overflows) return std::unexpected(Nrc::request_out_of_range);
    return ParsedRange{range, from_format.subspan(range_bytes)};
}

}  // namespace pitstop::uds
