// The status byte that ends the ECU's answer to a programming routine (71 01 <routine> <status>): which fault the ECU
// found, so that its code reaches the operator unchanged. ECU profile; both sides use this one table.
//
// 0x00 means the routine did what was asked. What the tester got wrong about the request itself is a negative response
// code.
#pragma once

#include "core/base/result.h"

#include <cstdint>

namespace pitstop::flash {

inline constexpr std::uint8_t routine_succeeded = 0x00;
inline constexpr std::uint8_t routine_not_ready = 0x01;  // preconditions (0203): flash.not-ready
inline constexpr std::uint8_t routine_failed =
    0xFF;  // a fault that has no byte of its own; distrust: flash.not-trusted

[[nodiscard]] std::uint8_t status_byte(const Error& error);
// The fault behind a byte other than routine_succeeded; flash.strange-answer for one that is not in the table.
[[nodiscard]] const Fault& fault_of_status(std::uint8_t status);

}  // namespace pitstop::flash
