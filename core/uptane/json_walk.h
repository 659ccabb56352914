// Steps through JSON text that was checked up to there. Used by json_check.cpp and json_text.cpp only. ECU profile.
#pragma once

#include "core/uptane/json_text.h"

namespace pitstop::uptane::json_text {

// The string whose opening quote stands at `at`.
[[nodiscard]] String string_at(View text, std::size_t at);
// Behind the value that begins at `at`.
[[nodiscard]] std::size_t end_of_value(View text, std::size_t at);

[[nodiscard]] std::size_t size_bytes(String string);  // with escapes resolved
[[nodiscard]] int compare(String a, String b);        // by resolved bytes: below, at, above 0
// The code unit of "\u12ab" at the start of `text`; nothing where there is none.
[[nodiscard]] std::optional<std::uint32_t> unicode_escape(std::string_view text);

}  // namespace pitstop::uptane::json_text
