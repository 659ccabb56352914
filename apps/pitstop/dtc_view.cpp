#include "apps/pitstop/dtc_view.h"

#include "apps/pitstop/faults.h"
#include "core/uds/dtc_store.h"
#include "core/uds/faults.h"

#include <array>
#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

constexpr std::size_t head_bytes = 3;  // 59 02 and which status bits the ECU has
constexpr std::size_t line_bytes = 4;

constexpr std::array<std::string_view, 8> bits{
    "testFailed",
    "testFailedThisOperationCycle",
    "pendingDTC",
    "confirmedDTC",
    "testNotCompletedSinceLastClear",
    "testFailedSinceLastClear",
    "testNotCompletedThisOperationCycle",
    "warningIndicatorRequested",
};

std::uint32_t three_bytes(View bytes) { return std::uint32_t{bytes[0]} << 16 | bytes[1] << 8 | bytes[2]; }

}  // namespace

Result<std::vector<DtcLine>> parse_dtcs(View positive) {
    if (positive.size() < head_bytes || (positive.size() - head_bytes) % line_bytes != 0)
        return fail(uds::faults::strange_answer, "ReadDTCInformation");
    std::vector<DtcLine> dtcs;
    for (View rest = positive.subspan(head_bytes); !rest.empty(); rest = rest.subspan(line_bytes))
        dtcs.push_back({three_bytes(rest), rest[3]});
    return dtcs;
}

Result<std::uint32_t> parse_dtc_group(std::string_view text) {
    if (text == "all") return uds::all_dtcs;
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 3) return fail(faults::bad_dtc, text);
    return three_bytes(*bytes);
}

std::string code_in_words(std::uint32_t code) {
    constexpr std::string_view systems = "PCBU";
    return std::format("{}{:04X}-{:02X}", systems[code >> 22 & 3], code >> 8 & 0x3FFF, code & 0xFF);
}

std::vector<std::string_view> status_in_words(std::uint8_t status) {
    std::vector<std::string_view> words;
    for (std::size_t bit = 0; bit < bits.size(); ++bit)
        if ((status >> bit & 1) != 0) words.push_back(bits[bit]);
    return words;
}

void print_dtcs(EcuId ecu, std::span<const DtcLine> dtcs, std::ostream& out) {
    out << std::format("{}: {} trouble code{}\n", ecu.str(), dtcs.size(), dtcs.size() == 1 ? "" : "s");
    for (const DtcLine& dtc : dtcs) {
        std::string words;
        for (const std::string_view word : status_in_words(dtc.status))
            words += std::format("{}{}", words.empty() ? "" : ", ", word);
        out << std::format("  {}  {:06X}  0x{:02X}  {}\n", code_in_words(dtc.code), dtc.code, dtc.status, words);
    }
}

json::Object dtcs_to_json(EcuId ecu, std::span<const DtcLine> dtcs) {
    json::Array lines;
    for (const DtcLine& dtc : dtcs) {
        json::Array words;
        for (const std::string_view word : status_in_words(dtc.status)) words.emplace_back(word);
        lines.push_back(json::Object{{"dtc", std::format("{:06X}", dtc.code)},
                                     {"code", code_in_words(dtc.code)},
                                     {"status", dtc.status},
                                     {"status_bits", std::move(words)}});
    }
    return {{"ecu_id", ecu.str()}, {"dtcs", std::move(lines)}};
}

}  // namespace pitstop::cli
