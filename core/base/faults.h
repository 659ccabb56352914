// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::faults {

inline constexpr Fault not_hex{"base.not-hex", Remedy::refuse, "A text that should be hexadecimal is not.",
                               "Use an even number of the digits 0-9 and a-f."};
inline constexpr Fault not_base64{"base.not-base64", Remedy::refuse, "A text that should be Base64 is not.",
                                  "Use the alphabet of RFC 4648 section 4 with padding and no white space."};
inline constexpr Fault bad_vin{
    "base.bad-vin", Remedy::refuse, "A vehicle identification number has the wrong form.",
    "Use 17 characters of A-Z and 0-9 without I, O and Q (ISO 3779), or a test id of 5 to 16 of A-Z and 0-9."};
inline constexpr Fault bad_ecu_id{"base.bad-ecu-id", Remedy::refuse, "An ECU id has the wrong form.",
                                  "Use ECU_001 to ECU_100."};
inline constexpr Fault bad_version{
    "base.bad-version", Remedy::refuse, "A software version has the wrong form.",
    "Use major.minor.patch with an optional fourth number, each 0 to 65535, as in 2.2.0 or 2.2.0.100."};
inline constexpr Fault bad_name{"base.bad-name", Remedy::refuse,
                                "A name contains characters that could escape from a path, topic or query.",
                                "Use letters, digits, '.', '_' and '-', not starting with '.'."};
inline constexpr Fault bad_form{
    "base.bad-form", Remedy::refuse, "A text names no form in which an image can travel.",
    "A form is plain, gzip, zstd or delta, with +hpke when it is sealed; an ECU opens some of "
    "these words, and window=N between 1024 and 8388608 bytes."};
inline constexpr Fault bad_time{"base.bad-time", Remedy::refuse, "A time is not ISO 8601 in UTC.",
                                "Write it as 2026-11-20T10:19:30Z."};
inline constexpr Fault bad_json{
    "base.bad-json", Remedy::refuse,
    "A JSON text is malformed, has duplicate members, is nested too deeply or is too large.",
    "The detail names the place; correct the sender."};
inline constexpr Fault missing_member{"base.missing-member", Remedy::refuse,
                                      "A JSON object lacks a member that it must have.",
                                      "The detail names the member; correct the sender."};
inline constexpr Fault wrong_type{"base.wrong-type", Remedy::refuse,
                                  "A JSON member has the wrong type or is out of range.",
                                  "The detail names the member and what it should be; correct the sender."};

}  // namespace pitstop::faults
