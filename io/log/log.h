// What a person or a collector reads about this process: one line an event, on stderr and, where asked, in a file.
//
// Call start() once in main; before it, text lines go to stderr from level info. Any thread may log. The log is the one
// thing that belongs to the process and not to an owner. Foreign text cannot forge a line: control characters are
// escaped.
//
//     2026-11-20T10:19:30.123Z warning gateway: download: http.short-body: 1024 of 4096 bytes
//     {"time":"2026-11-20T10:19:30.123Z","level":"warning","program":"gateway","context":"download","code":...}
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <format>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop::io::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Format : std::uint8_t { text, json };

[[nodiscard]] std::optional<Level> level_from(std::string_view name);  // nothing for another word
[[nodiscard]] std::optional<Format> format_from(std::string_view name);

struct LogSettings {
    Level level = Level::info;
    Format format = Format::text;
    std::optional<std::filesystem::path> file;  // appended to, beside stderr
    std::string program;
};

Result<void> start(const LogSettings& settings);  // log.file-not-writable

[[nodiscard]] bool enabled(Level level);
void write(Level level, std::string_view message);

template <class... Args>
void debug(std::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, std::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, std::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(std::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::warning)) write(Level::warning, std::format(format, std::forward<Args>(args)...));
}

// An Error with its code, where it happened, and what to do. Remedies distrust and stop are errors, the others
// warnings.
void problem(const Error& error, std::string_view context);

// The line as it would be written, without its end; what the tests and write() share.
struct Line {
    std::string_view time, program, message, context;
    Level level = Level::info;
    const Error* error = nullptr;
};
[[nodiscard]] std::string as_text(const Line& line);
[[nodiscard]] std::string as_json(const Line& line);

}  // namespace pitstop::io::log
