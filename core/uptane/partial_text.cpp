#include "core/uptane/partial_text.h"

#include <array>
#include <charconv>

namespace pitstop::uptane {
namespace {

using json_text::Characters;
using json_text::String;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint8_t> hex_value(std::uint8_t c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    return std::nullopt;
}

std::optional<std::uint8_t> base64_value(std::uint8_t c) {
    if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
    if (c == '+') return std::uint8_t{62};
    if (c == '/') return std::uint8_t{63};
    return std::nullopt;
}

// Base64 that arrives character by character (RFC 4648 §4, as strict as from_base64).
class Base64 {
public:
    explicit Base64(Room into) : into_(into) {}

    bool take(std::uint8_t c) {
        ++characters_;
        if (c == '=') return ++padding_ <= 2;
        const auto value = base64_value(c);
        if (!value || padding_ > 0) return false;
        bits_ = bits_ << 6 | *value;
        bit_count_ += 6;
        if (bit_count_ < 8) return true;
        bit_count_ -= 8;
        if (size_ == into_.size()) return false;
        into_[size_++] = static_cast<std::uint8_t>(bits_ >> bit_count_);
        bits_ &= (1U << bit_count_) - 1;
        return true;
    }

    // Whole groups, and no bits left over in the last character.
    [[nodiscard]] std::optional<View> finish() const {
        const bool whole = characters_ % 4 == 0 && bit_count_ == padding_ * 2 && bits_ == 0;
        if (!whole) return std::nullopt;
        return View(into_).first(size_);
    }

private:
    Room into_;
    std::size_t size_ = 0;
    std::size_t characters_ = 0;
    std::uint32_t bits_ = 0;
    std::uint32_t bit_count_ = 0;
    std::uint32_t padding_ = 0;
};

bool follows(Characters& characters, std::string_view text) {
    for (const char c : text)
        if (characters.next() != static_cast<std::uint8_t>(c)) return false;
    return true;
}

}  // namespace

std::optional<UtcTime> read_time(String text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
    std::array<char, form.size()> room{};
    const auto read = text.copy_to(room);
    if (!read || read->size() != form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == 'd' ? !is_digit(room[i]) : room[i] != form[i]) return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (room[i] - '0');
        return value;
    };
    const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return UtcTime{days * 86400 + hour * 3600 + minute * 60 + second};
}

std::optional<Version> read_software_version(String text) {
    constexpr std::size_t longest = 4 * 5 + 3;
    std::array<char, longest> room{};
    const auto read = text.copy_to(room);
    if (!read) return std::nullopt;
    std::array<std::uint16_t, 4> parts{};
    std::size_t count = 0;
    const char *at = read->data(), *const end = at + read->size();
    for (;;) {
        if (count == parts.size() || at == end || !is_digit(*at)) return std::nullopt;
        if (*at == '0' && at + 1 != end && is_digit(at[1])) return std::nullopt;
        const auto [next, problem] = std::from_chars(at, end, parts[count]);
        if (problem != std::errc{}) return std::nullopt;
        ++count;
        if (next == end) break;
        if (*next != '.') return std::nullopt;
        at = next + 1;
    }
    if (count < 3) return std::nullopt;
    return Version{parts[0], parts[1], parts[2], parts[3]};
}

std::optional<std::uint16_t> read_ecu_number(String text) {
    std::array<char, 7> room{};
    const auto read = text.copy_to(room);
    if (!read || read->size() != room.size() || !read->starts_with("ECU_")) return std::nullopt;
    int number = 0;
    for (const char c : read->substr(4)) {
        if (!is_digit(c)) return std::nullopt;
        number = number * 10 + (c - '0');
    }
    if (number < 1 || number > 100) return std::nullopt;
    return static_cast<std::uint16_t>(number);
}

bool is_spec_version(String text) {
    std::array<char, 8> room{};
    const auto read = text.copy_to(room);
    if (!read) return false;
    if (*read == "1.0") return true;
    return read->starts_with("1.0.") && read->size() > 4 &&
           read->find_first_not_of("0123456789", 4) == std::string_view::npos;
}

std::optional<View> read_hex(String text, Room into) {
    std::size_t size = 0;
    for (Characters characters(text);;) {
        const auto high = characters.next();
        if (!high) return View(into).first(size);
        const auto low = characters.next();
        const auto high_value = hex_value(*high), low_value = low ? hex_value(*low) : std::nullopt;
        if (!high_value || !low_value || size == into.size()) return std::nullopt;
        into[size++] = static_cast<std::uint8_t>(*high_value << 4 | *low_value);
    }
}

bool read_exact_hex(String text, Room into) {
    const auto read = read_hex(text, into);
    return read && read->size() == into.size();
}

std::optional<View> read_pem(String text, Room into) {
    Characters characters(text);
    if (!follows(characters, "-----BEGIN PUBLIC KEY-----")) return std::nullopt;
    Base64 base64(into);
    for (;;) {
        const auto c = characters.next();
        if (!c) return std::nullopt;
        if (*c == '-') break;
        if (*c != '\n' && *c != '\r' && !base64.take(*c)) return std::nullopt;
    }
    if (!follows(characters, "----END PUBLIC KEY-----")) return std::nullopt;
    while (const auto c = characters.next())
        if (*c != ' ' && *c != '\t' && *c != '\r' && *c != '\n') return std::nullopt;
    return base64.finish();
}

}  // namespace pitstop::uptane
