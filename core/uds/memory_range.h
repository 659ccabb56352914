// memoryAddress and memorySize as requests carry them: ISO 14229-1:2020 annex H.1 (services 23 34 35 3D). ECU profile.
#pragma once

#include "core/base/bytes.h"
#include "core/uds/services.h"

#include <cstdint>
#include <expected>

namespace pitstop::uds {

// size > 0, and address + size does not overflow.
struct MemoryRange {
    std::uint64_t address = 0;
    std::uint64_t size_bytes = 0;

    [[nodiscard]] std::uint64_t end() const { return address + size_bytes; }
    [[nodiscard]] bool is_within(const MemoryRange& other) const {
        return address >= other.address && end() <= other.end();
    }
};

struct ParsedRange {
    MemoryRange range;
    View rest;  // what follows it
};

enum class Behind : std::uint8_t { nothing, data };  // what stands behind the range in the request

// `from_format`: the request from addressAndLengthFormatIdentifier on. Judged in the standard's order: the format
// (request_out_of_range), then the length (incorrect_message_length_or_invalid_format), then the values.
[[nodiscard]] std::expected<ParsedRange, Nrc> parse_memory_range(View from_format, Behind behind);

}  // namespace pitstop::uds
