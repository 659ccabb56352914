#include "apps/pitstop/terminal.h"

#include "apps/pitstop/commands.h"

#include <unistd.h>
#include <algorithm>
#include <format>
#include <iostream>

namespace pitstop::cli {
namespace {

constexpr std::uint8_t first_printable = 0x20, del = 0x7F;
constexpr std::uint8_t c1_lead = 0xC2, c1_first = 0x80, c1_last = 0x9F;  // U+0080 to U+009F in UTF-8

}  // namespace

std::string printable(std::string_view text) {
    const View bytes = view_of(text);
    std::string safe;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool is_c1 =
            bytes[i] == c1_lead && i + 1 < bytes.size() && bytes[i + 1] >= c1_first && bytes[i + 1] <= c1_last;
        const bool is_control = bytes[i] < first_printable || bytes[i] == del || is_c1;
        safe += is_control ? '?' : static_cast<char>(bytes[i]);
        if (is_c1) ++i;
    }
    return safe;
}

std::string shown(const json::Object& from, std::string_view name) {
    const json::Value* const value = from.if_contains(name);
    if (value == nullptr) return "-";
    if (value->is_string()) return value->get_string().empty() ? "-" : printable(value->get_string());
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (value->is_uint64()) return std::to_string(value->get_uint64());
    return "-";
}

std::vector<const json::Object*> objects(const json::Object& from, std::string_view name) {
    std::vector<const json::Object*> found;
    if (const json::Value* const value = from.if_contains(name); value != nullptr && value->is_array())
        for (const json::Value& item : value->get_array())
            if (item.is_object()) found.push_back(&item.get_object());
    return found;
}

const json::Object* object_or_null(const json::Object& from, std::string_view name) {
    const json::Value* const value = from.if_contains(name);
    return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

std::string bar(std::uint64_t done_bytes, std::uint64_t of_bytes) {
    constexpr double width = 20, mib = 1024.0 * 1024.0;
    const double done =
        of_bytes == 0 ? 1.0 : std::min(1.0, static_cast<double>(done_bytes) / static_cast<double>(of_bytes));
    const auto filled = static_cast<std::size_t>(done * width);
    return std::format("[{:<20}] {:>3} %  {:.1f} of {:.1f} MiB", std::string(filled, '#'), static_cast<int>(done * 100),
                       static_cast<double>(done_bytes) / mib, static_cast<double>(of_bytes) / mib);
}

ShowProgress bar_for(Run& run) {
    if (&run.err != &std::cerr || ::isatty(STDERR_FILENO) == 0) return {};
    return [&run, before = std::string()](std::uint64_t done_bytes, std::uint64_t of_bytes) mutable {
        std::string now = bar(done_bytes, of_bytes);
        if (now == before) return;
        run.err << "\r\033[K" << now << std::flush;
        before = std::move(now);
    };
}

void end_line(const ShowProgress& progress, Run& run) {
    if (progress) run.err << "\r\033[K" << std::flush;
}

}  // namespace pitstop::cli
