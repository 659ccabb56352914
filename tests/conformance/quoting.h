// Names that anybody may have chosen, as one segment of an address or one file's name (RFC 3986 §2.1), and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pitstop::conformance {

// Everything but letters, digits and "-._~" becomes %XX.
[[nodiscard]] std::string quote(std::string_view text);
// Leaves '/' and what a path may contain besides (RFC 3986 §3.3) as it is.
[[nodiscard]] std::string quote_path(std::string_view text);
// Nothing for a text that quote() does not write.
[[nodiscard]] std::optional<std::string> unquote(std::string_view text);

// A file's name that no other text gives and that cannot leave its folder: quote(), shortened where that is too long.
[[nodiscard]] std::string file_name_of(std::string_view text);

}  // namespace pitstop::conformance
