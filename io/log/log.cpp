#include "io/log/log.h"

#include "io/log/faults.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <atomic>
#include <chrono>
#include <memory>

namespace pitstop::io::log {

namespace {

struct Output {
    LogSettings settings;
    std::shared_ptr<spdlog::logger> lines;  // spdlog's own ownership
};

std::shared_ptr<spdlog::logger> lines_to(std::vector<spdlog::sink_ptr> sinks) {
    auto lines = std::make_shared<spdlog::logger>("pitstop", sinks.begin(), sinks.end());
    lines->set_pattern("%v");
    lines->set_level(spdlog::level::trace);
    lines->flush_on(spdlog::level::trace);  // a line that a crash swallows is the one that was needed
    return lines;
}

std::shared_ptr<const Output> first_output() {
    return std::make_shared<const Output>(
        Output{.settings = {}, .lines = lines_to({std::make_shared<spdlog::sinks::stderr_sink_mt>()})});
}

std::atomic<Level> lowest{Level::info};

// Replaced by start() while other threads may be writing.
std::atomic<std::shared_ptr<const Output>>& output() {
    static std::atomic<std::shared_ptr<const Output>> current{first_output()};
    return current;
}

constexpr std::string_view names[] = {"debug", "info", "warning", "error"};

std::string_view name_of(Level level) { return names[static_cast<std::size_t>(level)]; }

void append_escaped(std::string& to, std::string_view text, std::string_view also) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            to += std::format("\\u{:04x}", static_cast<unsigned>(c) & 0xFFu);
        else if (also.contains(c))
            (to += '\\') += c;
        else
            to += c;
    }
}

void append_member(std::string& to, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    to += to.size() == 1 ? "\"" : ",\"";
    to += name;
    to += "\":\"";
    append_escaped(to, value, "\"\\");
    to += '"';
}

std::string now_as_text() {
    return std::format("{:%FT%TZ}", std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

void put(Line line) {
    const auto to = output().load();
    const std::string time = now_as_text();
    line.time = time;
    line.program = to->settings.program;
    to->lines->log(spdlog::level::info, to->settings.format == Format::json ? as_json(line) : as_text(line));
}

}  // namespace

std::optional<Level> level_from(std::string_view name) {
    for (std::size_t i = 0; i < std::size(names); ++i) {
        if (names[i] == name) return static_cast<Level>(i);
    }
    return std::nullopt;
}

std::optional<Format> format_from(std::string_view name) {
    if (name == "text") return Format::text;
    if (name == "json") return Format::json;
    return std::nullopt;
}

Result<void> start(const LogSettings& settings) {
    std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    try {
        if (settings.file)
            sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file->string()));
        output().store(
            std::make_shared<const Output>(Output{.settings = settings, .lines = lines_to(std::move(sinks))}));
    } catch (const std::exception& error) {
        return fail(faults::file_not_writable, error.what());
    }
    lowest.store(settings.level);
    return {};
}

bool enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message) {
    if (enabled(level))
        put({.time = {}, .program = {}, .message = message, .context = {}, .level = level, .error = nullptr});
}

void problem(const Error& error, std::string_view context) {
    const bool grave = error.remedy() == Remedy::distrust || error.remedy() == Remedy::stop;
    const Level level = grave ? Level::error : Level::warning;
    if (enabled(level))
        put({.time = {}, .program = {}, .message = {}, .context = context, .level = level, .error = &error});
}

std::string as_text(const Line& line) {
    std::string text = std::format("{} {}", line.time, name_of(line.level));
    if (!line.program.empty()) (text += ' ') += line.program;
    text += ": ";
    if (!line.context.empty()) {
        append_escaped(text, line.context, "");
        text += ": ";
    }
    append_escaped(text, line.error != nullptr ? line.error->str() : std::string(line.message), "");
    return text;
}

std::string as_json(const Line& line) {
    std::string text = "{";
    append_member(text, "time", line.time);
    append_member(text, "level", name_of(line.level));
    append_member(text, "program", line.program);
    append_member(text, "context", line.context);
    append_member(text, "message", line.message);
    if (line.error != nullptr) {
        append_member(text, "code", line.error->code());
        append_member(text, "remedy", to_string(line.error->remedy()));
        append_member(text, "message", line.error->fault().meaning);
        append_member(text, "detail", line.error->detail());
    }
    return text += '}';
}

}  // namespace pitstop::io::log
