#include "apps/ecu/event_log.h"

#include "io/files/atomic_file.h"
#include "io/files/faults.h"

#include <algorithm>
#include <format>
#include <fstream>

namespace pitstop::ecu {
namespace {

constexpr std::size_t read_bytes_max = 2 * EventLog::size_bytes_max;  // also one that somebody else wrote to

// The lines of its second half.
View newest_half(View lines) {
    const View half = lines.subspan(lines.size() / 2);
    const auto line_end = std::ranges::find(half, std::uint8_t{'\n'});
    return line_end == half.end() ? View{} : View(line_end + 1, half.end());
}

}  // namespace

void EventLog::add(UtcTime now, std::string_view what) {
    std::error_code none;
    const auto size = std::filesystem::file_size(file_, none);
    if (!none && size >= size_bytes_max)
        if (const auto lines = read())
            static_cast<void>(io::files::write_atomically(file_, newest_half(*lines), io::files::FileMode::private_));
    std::ofstream(file_, std::ios::app | std::ios::binary) << std::format("{} {}\n", now.str(), what);
}

Result<Bytes> EventLog::read() const {
    TRY(auto lines, io::files::read_if_there(file_, read_bytes_max));
    return lines ? std::move(*lines) : Bytes{};
}

Result<void> EventLog::remove() {
    std::error_code failed;
    std::filesystem::remove(file_, failed);
    if (failed) return fail(io::files::faults::unwritable, file_.string() + ": " + failed.message());
    return {};
}

}  // namespace pitstop::ecu
