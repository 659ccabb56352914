#include "io/ecu/report_memory.h"

#include "core/uptane/faults.h"

#include <algorithm>

namespace pitstop::ecu {
namespace {

constexpr std::size_t attacks_at = 8;
constexpr std::size_t length_at = 12;
constexpr std::size_t code_at = 16;
constexpr std::size_t code_size_max = 64;

}  // namespace

std::array<std::uint8_t, ReportMemory::size_bytes> to_bytes(const ReportMemory& memory) {
    std::array<std::uint8_t, ReportMemory::size_bytes> bytes{};
    store_be(bytes.data(), memory.counter);
    store_be(&bytes[attacks_at], memory.attacks);
    bytes[length_at] = static_cast<std::uint8_t>(memory.last_attack.view().size());
    std::ranges::copy(memory.last_attack.view(), bytes.begin() + code_at);
    return bytes;
}

Result<ReportMemory> parse_report_memory(View bytes) {
    if (bytes.size() != ReportMemory::size_bytes || bytes[length_at] > code_size_max)
        return fail(uptane::faults::broken_state, "what the ECU remembers of its reports");
    return ReportMemory{load_be<std::uint64_t>(bytes.data()), load_be<std::uint32_t>(&bytes[attacks_at]),
                        uptane::AttackCode(text_of(bytes.subspan(code_at, bytes[length_at])))};
}

}  // namespace pitstop::ecu
