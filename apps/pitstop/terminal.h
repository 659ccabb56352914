// What a person at a terminal sees of texts that others wrote, and of a long transfer.
//
// Vehicles, ECUs and servers send their own words: a control character among them must not steer the reader's terminal.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::cli {

struct Run;

// Control characters, also those of ISO 6429 that UTF-8 writes in two bytes, become '?'.
[[nodiscard]] std::string printable(std::string_view text);

// A member for people: printable text or a number, and "-" where there is nothing.
[[nodiscard]] std::string shown(const json::Object& from, std::string_view name);

// The objects in an array, and one object; nothing where the member is missing or is something else.
[[nodiscard]] std::vector<const json::Object*> objects(const json::Object& from, std::string_view name);
[[nodiscard]] const json::Object* object_or_null(const json::Object& from, std::string_view name);

// "[##########          ]  50 %  15.0 of 30.0 MiB"
[[nodiscard]] std::string bar(std::uint64_t done_bytes, std::uint64_t of_bytes);

// One line that replaces itself, for people only: empty unless standard error is a terminal. end_line() takes it away.
using ShowProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t of_bytes)>;
[[nodiscard]] ShowProgress bar_for(Run& run);
void end_line(const ShowProgress& progress, Run& run);

}  // namespace pitstop::cli
