// Values out of the strings of metadata, without heap: for the partial verifier. ECU profile.
//
// The forms are those of core/base (UtcTime, Version, EcuId, hex) and of crypto::PublicKey::from_pem, whose readers
// explain themselves at a length that an ECU has no room for; a test holds both together. Nothing: not of that form.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/uptane/json_text.h"

namespace pitstop::uptane {

[[nodiscard]] std::optional<UtcTime> read_time(json_text::String text);
[[nodiscard]] std::optional<Version> read_software_version(json_text::String text);
[[nodiscard]] std::optional<std::uint16_t> read_ecu_number(json_text::String text);  // EcuId::number()
[[nodiscard]] bool is_spec_version(json_text::String text);                          // 1.0 or 1.0.x

// The bytes, at the start of `into`; nothing also where they do not fit.
[[nodiscard]] std::optional<View> read_hex(json_text::String text, Room into);
[[nodiscard]] bool read_exact_hex(json_text::String text, Room into);           // all of `into`
[[nodiscard]] std::optional<View> read_pem(json_text::String text, Room into);  // the SPKI DER

}  // namespace pitstop::uptane
