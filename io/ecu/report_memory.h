// What an ECU must not forget about its own reports: how many it made, and which attacks it refused. ECU profile.
//
// In flash or a file: 80 bytes, big endian. 0 counter u64 · 8 attacks u32 · 12 length of the code u8 · 13 zeros ·
// 16 code, 64 bytes padded with zeros. Fault: uptane.broken-state.
#pragma once

#include "core/base/bytes.h"
#include "core/uptane/version_report.h"

#include <array>

namespace pitstop::ecu {

struct ReportMemory {
    static constexpr std::size_t size_bytes = 80;

    std::uint64_t counter = 0;  // of the last report
    std::uint32_t attacks = 0;
    uptane::AttackCode last_attack = {};

    bool operator==(const ReportMemory&) const = default;
};

[[nodiscard]] std::array<std::uint8_t, ReportMemory::size_bytes> to_bytes(const ReportMemory& memory);
[[nodiscard]] Result<ReportMemory> parse_report_memory(View bytes);

}  // namespace pitstop::ecu
