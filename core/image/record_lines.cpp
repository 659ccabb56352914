#include "core/image/record_lines.h"

#include <algorithm>
#include <numeric>

namespace pitstop::image {
namespace {

constexpr std::size_t recognised_digits = 8;  // length and address of a HEX record, count and address of an S-record
constexpr std::uint8_t no_digit = 0xFF;

std::uint8_t digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    return no_digit;
}

bool is_text(char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

std::optional<std::string_view> RecordLines::next() {
    while (!left_.empty()) {
        const std::size_t end = std::min(left_.find_first_of("\r\n"), left_.size());
        const std::string_view line = left_.substr(0, end);
        left_.remove_prefix(end);
        left_.remove_prefix(left_.starts_with("\r\n") ? 2 : left_.empty() ? 0 : 1);
        ++number_;
        if (!line.empty()) return line;
    }
    return std::nullopt;
}

std::optional<RecordBytes> RecordBytes::from(std::string_view digits) {
    if (digits.size() % 2 != 0 || digits.size() / 2 > record_bytes_max) return std::nullopt;
    RecordBytes made;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const std::uint8_t high = digit(digits[i]), low = digit(digits[i + 1]);
        if (high == no_digit || low == no_digit) return std::nullopt;
        made.bytes_[made.size_++] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return made;
}

std::uint8_t RecordBytes::sum() const {
    const View bytes = view();
    return static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end(), 0U));
}

bool looks_like_records(View file, std::string_view mark) {
    const std::string_view text = text_of(file);
    if (!text.starts_with(mark)) return false;
    const std::string_view head = text.substr(mark.size(), recognised_digits);
    if (head.size() == recognised_digits && std::ranges::none_of(head, [](char c) { return digit(c) == no_digit; }))
        return true;
    return std::ranges::all_of(text, is_text);
}

}  // namespace pitstop::image
