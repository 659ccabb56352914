// What an ECU's fault memory says (ISO 14229-1:2020, service 0x19, report 02), for people and for programs. Faults:
// uds.strange-answer, cli.bad-dtc.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/json.h"

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::cli {

struct DtcLine {
    std::uint32_t code = 0;  // three bytes
    std::uint8_t status = 0;
};

[[nodiscard]] Result<std::vector<DtcLine>> parse_dtcs(View positive);
// "056216", as `dtc list` prints it, or "all".
[[nodiscard]] Result<std::uint32_t> parse_dtc_group(std::string_view text);

// The code as workshops write it, failure type last (ISO 15031-6, SAE J2012-DA): 056216 is "P0562-16".
[[nodiscard]] std::string code_in_words(std::uint32_t code);
// The standard's names of the bits that are set (annex D.2): "confirmedDTC, testFailed".
[[nodiscard]] std::vector<std::string_view> status_in_words(std::uint8_t status);

void print_dtcs(EcuId ecu, std::span<const DtcLine> dtcs, std::ostream& out);
[[nodiscard]] json::Object dtcs_to_json(EcuId ecu, std::span<const DtcLine> dtcs);

}  // namespace pitstop::cli
