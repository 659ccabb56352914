#include "core/image/record_lines.h"

#include <algorithm>
#include <numeric>
#include <string>

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

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF", white_space = " \t\r\n\v\f";
constexpr std::string_view wide_marks[] = {"\xFF\xFE", "\xFE\xFF"};  // of UTF-16

bool is_text(char c) { return (c >= 0x20 && c < 0x7F) || white_space.contains(c); }
bool is_foreign_text(char c) { return is_text(c) || static_cast<unsigned char>(c) >= 0x80; }  // UTF-8, code pages

std::string_view without_mark(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return text;
}

std::string_view trimmed(std::string_view line) {
    const std::size_t first = std::min(line.find_first_not_of(white_space), line.size());
    return line.substr(first, line.find_last_not_of(white_space) + 1 - first);
}

bool begins_as_records(std::string_view text, const RecordFormat& format) {
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    if (!format.has_mark(text)) return false;
    const std::string_view head = text.substr(format.mark_size, recognised_digits);
    if (head.size() == recognised_digits && std::ranges::none_of(head, [](char c) { return digit(c) == no_digit; }))
        return true;
    return std::ranges::all_of(text, is_text);
}

bool holds_a_record(std::string_view text, const RecordFormat& format) {
    if (!std::ranges::all_of(text, is_foreign_text)) return false;
    RecordLines lines(text);
    while (const auto line = lines.next())
        if (format.is_record(*line)) return true;
    return false;
}

// UTF-16 with every character's empty half taken out: enough to see what it is.
std::string narrowed(std::string_view text) {
    std::string narrow(text.substr(wide_marks[0].size()));
    std::erase(narrow, '\0');
    return narrow;
}

}  // namespace

RecordLines::RecordLines(std::string_view text) : left_(without_mark(text)) {}

std::optional<std::string_view> RecordLines::next() {
    while (!left_.empty()) {
        const std::size_t end = std::min(left_.find_first_of("\r\n"), left_.size());
        const std::string_view line = trimmed(left_.substr(0, end));
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

bool looks_like_records(View file, const RecordFormat& format) {
    const std::string_view text = without_mark(text_of(file));
    if (begins_as_records(text, format) || holds_a_record(text, format)) return true;
    const bool is_wide = std::ranges::any_of(wide_marks, [&](std::string_view wide) { return text.starts_with(wide); });
    return is_wide && holds_a_record(narrowed(text), format);
}

}  // namespace pitstop::image
