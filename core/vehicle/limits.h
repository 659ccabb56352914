// How long the texts and lists of a vehicle's messages and stored values may be, and readers of members that keep to
// it.
//
// Faults: those of core/base/json.h; vehicle.too-much when a limit is passed.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace pitstop::vehicle {

inline constexpr std::size_t ecus_max = 100;            // ECU_001 … ECU_100 (DESIGN §5)
inline constexpr std::size_t identifier_size_max = 64;  // serial and part numbers; UDS answers them in one short record
inline constexpr std::size_t sentence_size_max = 240;   // what an Error's detail holds
inline constexpr std::size_t reasons_max = 16;          // twice the number of conditions there are

[[nodiscard]] Result<std::string> text(const json::Object& from, std::string_view name, std::size_t size_max);
// The same, and empty when the member is absent or null.
[[nodiscard]] Result<std::string> optional_text(const json::Object& from, std::string_view name, std::size_t size_max);
[[nodiscard]] Result<const json::Array*> list(const json::Object& from, std::string_view name, std::size_t count_max);
// A whole number that may be negative.
[[nodiscard]] Result<std::int64_t> integer(const json::Object& from, std::string_view name, std::int64_t min,
                                           std::int64_t max);

}  // namespace pitstop::vehicle
