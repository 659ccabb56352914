#include "apps/ecu/memory_map.h"

#include "io/log/log.h"

#include <algorithm>

namespace pitstop::ecu {
namespace {

using uds::MemoryRange;
using uds::Nrc;

Nrc refuse(const Error& why, std::string_view what) {
    io::log::problem(why, what);
    return Nrc::failure_prevents_execution_of_requested_action;
}

std::size_t offset_in_ram(const MemoryRange& range) {
    return static_cast<std::size_t>(range.address - MemoryMap::ram.address);
}

}  // namespace

bool MemoryMap::is_in_image(const MemoryRange& range) const {
    const flash::ImageRecord* image = slots_.running_image();
    return image != nullptr && range.is_within({0, image->size_bytes});
}

Nrc MemoryMap::check_readable(const MemoryRange& range) const {
    if (range.is_within(ram)) return Nrc::positive_response;
    if (!is_in_image(range)) return Nrc::request_out_of_range;
    return image_reading_ == ImageReading::allowed ? Nrc::positive_response : Nrc::security_access_denied;
}

Nrc MemoryMap::read(const MemoryRange& range, Room into) {
    if (range.is_within(ram)) {
        std::copy_n(ram_.begin() + static_cast<std::ptrdiff_t>(offset_in_ram(range)), into.size(), into.begin());
        return Nrc::positive_response;
    }
    const auto read = slots_.read_running(static_cast<std::uint32_t>(range.address), into);
    return read ? Nrc::positive_response : refuse(read.error(), "read memory");
}

Nrc MemoryMap::write(const MemoryRange& range, View data) {
    if (!range.is_within(ram)) return Nrc::request_out_of_range;
    std::ranges::copy(data, ram_.begin() + static_cast<std::ptrdiff_t>(offset_in_ram(range)));
    return Nrc::positive_response;
}

std::expected<std::uint64_t, Nrc> MemoryMap::open_memory(const MemoryRange& range, std::uint8_t data_format) {
    if (data_format != 0 || !is_in_image(range)) return std::unexpected(Nrc::request_out_of_range);
    if (const Nrc nrc = check_readable(range); nrc != Nrc::positive_response) return std::unexpected(nrc);
    open_ = range;
    return range.size_bytes;
}

std::expected<std::uint64_t, Nrc> MemoryMap::open_file(std::string_view name) {
    if (name != EventLog::name) return std::unexpected(Nrc::request_out_of_range);
    auto lines = log_.read();
    if (!lines) return std::unexpected(refuse(lines.error(), "read file"));
    open_ = std::move(*lines);
    return std::get<Bytes>(open_).size();
}

Nrc MemoryMap::read(std::uint64_t offset, Room into) {
    if (const auto* range = std::get_if<MemoryRange>(&open_)) return read({range->address + offset, into.size()}, into);
    const View piece = View(std::get<Bytes>(open_)).subspan(static_cast<std::size_t>(offset), into.size());
    std::ranges::copy(piece, into.begin());
    return Nrc::positive_response;
}

Nrc MemoryMap::delete_file(std::string_view name) {
    if (name != EventLog::name) return Nrc::request_out_of_range;
    const auto removed = log_.remove();
    return removed ? Nrc::positive_response : refuse(removed.error(), "delete file");
}

}  // namespace pitstop::ecu
