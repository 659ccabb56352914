// What an ECU says of itself by ReadDataByIdentifier (ISO 14229-1:2020, service 0x22), for people and for programs.
//
// Bring the data of each identifier as it came, or the code with which the ECU refused it. Text stays text while it is
// printable ASCII and becomes hex otherwise: nothing that an ECU says reaches a terminal as a control character.
// Fault: cli.bad-did.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/uds/services.h"

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::cli {

struct DidValue {
    std::uint16_t did = 0;
    Bytes data;
    uds::Nrc refusal = uds::Nrc::positive_response;  // which means: not refused

    [[nodiscard]] bool refused() const { return refusal != uds::Nrc::positive_response; }
};

// Four hex digits, as in F189.
[[nodiscard]] Result<std::uint16_t> parse_did(std::string_view text);

// Who the ECU is and what runs on it: asked when nothing else is.
[[nodiscard]] std::span<const std::uint16_t> usual_dids();

[[nodiscard]] std::string readable(std::uint16_t did, View data);

void print_reading(EcuId ecu, std::span<const DidValue> values, std::ostream& out);

// {"ecu_id", "vin", "version", …}: known identifiers by name, others by number; refused ones stand in "refused".
[[nodiscard]] json::Object to_json(EcuId ecu, std::span<const DidValue> values);

}  // namespace pitstop::cli
