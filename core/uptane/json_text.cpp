#include "core/uptane/json_text.h"

#include "core/base/faults.h"
#include "core/uptane/json_walk.h"

#include <algorithm>
#include <charconv>

namespace pitstop::uptane::json_text {
namespace {

namespace wrong = pitstop::faults;

std::size_t end_of_string(View text, std::size_t at) {
    for (++at; text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return at + 1;
}

std::uint8_t meaning_of_escape(std::uint8_t letter) {
    switch (letter) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return letter;  // '"', '\\', '/'
    }
}

std::size_t size_of_escape(std::string_view text) {
    const auto unit = unicode_escape(text);
    if (!unit) return 2;
    return *unit >= 0xD800 && *unit <= 0xDBFF ? 12 : 6;
}

}  // namespace

String string_at(View text, std::size_t at) { return String(text.subspan(at + 1, end_of_string(text, at) - at - 2)); }

std::size_t end_of_value(View text, std::size_t at) {
    std::size_t open = 0;
    do {
        const std::uint8_t c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            continue;
        }
        if (c == '{' || c == '[') ++open;
        if (c == '}' || c == ']') --open;
        ++at;
        if (open == 0 && c != '}' && c != ']')  // a number or a word: up to what cannot be part of it
            while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']') ++at;
    } while (open > 0);
    return at;
}

std::size_t size_bytes(String string) {
    std::size_t size = 0;
    for (Characters characters(string); characters.next();) ++size;
    return size;
}

int compare(String a, String b) {
    Characters of_a(a), of_b(b);
    for (;;) {
        const auto next_a = of_a.next(), next_b = of_b.next();
        if (next_a != next_b) return next_a < next_b ? -1 : 1;  // nothing is less than anything
        if (!next_a) return 0;
    }
}

bool same(String a, String b) { return compare(a, b) == 0; }

std::optional<std::uint32_t> unicode_escape(std::string_view text) {
    if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
    std::uint32_t unit = 0;
    const auto [end, problem] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
    if (problem != std::errc{} || end != text.data() + 6) return std::nullopt;
    return unit;
}

std::optional<std::uint8_t> Characters::next() {
    if (pending_at_ < pending_size_) return pending_[pending_at_++];
    if (left_.empty()) return std::nullopt;
    const std::uint8_t c = left_[0];
    if (c != '\\') {
        left_ = left_.subspan(1);
        return c;
    }
    if (left_[1] == 'u') {
        resolve_unicode();
        return pending_[pending_at_++];
    }
    const std::uint8_t meant = meaning_of_escape(left_[1]);
    left_ = left_.subspan(2);
    return meant;
}

void Characters::resolve_unicode() {
    std::uint32_t point = unicode_escape(text_of(left_)).value_or(0);
    left_ = left_.subspan(6);
    if (point >= 0xD800 && point <= 0xDBFF) {
        const std::uint32_t low = unicode_escape(text_of(left_)).value_or(0xDC00);
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        left_ = left_.subspan(6);
    }
    const auto put = [&](std::uint32_t byte) { pending_[pending_size_++] = static_cast<std::uint8_t>(byte); };
    const auto follow = [&](std::uint32_t shift) { put(0x80 | (point >> shift & 0x3F)); };
    pending_at_ = pending_size_ = 0;
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        follow(6);
    } else {
        put(0xF0 | point >> 18);
        follow(12);
        follow(6);
    }
    if (point >= 0x80) follow(0);
}

bool String::is(std::string_view text) const {
    Characters characters(*this);
    for (const char c : text)
        if (characters.next() != static_cast<std::uint8_t>(c)) return false;
    return !characters.next();
}

std::optional<std::string_view> String::copy_to(std::span<char> into) const {
    std::size_t size = 0;
    Characters characters(*this);
    while (const auto c = characters.next()) {
        if (size == into.size()) return std::nullopt;
        into[size++] = static_cast<char>(*c);
    }
    return std::string_view(into.data(), size);
}

Kind Value::kind() const {
    switch (text_[0]) {
        case '{': return Kind::object;
        case '[': return Kind::array;
        case '"': return Kind::string;
        case 'n': return Kind::null;
        case 't':
        case 'f': return Kind::boolean;
        default: return Kind::number;
    }
}

bool Members::next() {
    if (left_[0] == ',') left_ = left_.subspan(1);
    if (left_[0] == '}') return false;
    name_ = string_at(left_, 0);
    left_ = left_.subspan(name_.raw().size() + 3);
    value_ = left_.first(end_of_value(left_, 0));
    left_ = left_.subspan(value_.size());
    return true;
}

bool Items::next() {
    if (left_[0] == ',') left_ = left_.subspan(1);
    if (left_[0] == ']') return false;
    value_ = left_.first(end_of_value(left_, 0));
    left_ = left_.subspan(value_.size());
    return true;
}

std::size_t count(const Value& container) {
    std::size_t found = 0;
    if (container.kind() == Kind::object)
        for (Members members(container); members.next();) ++found;
    if (container.kind() == Kind::array)
        for (Items items(container); items.next();) ++found;
    return found;
}

std::optional<Value> find(const Value& object, std::string_view name) {
    if (object.kind() != Kind::object) return std::nullopt;
    for (Members members(object); members.next();)
        if (members.name().is(name)) return members.value();
    return std::nullopt;
}

namespace {

std::optional<std::uint64_t> as_number(const Value& value) {
    const std::string_view text = text_of(value.text());
    std::uint64_t read = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return read;
}

Result<Value> member(const Value& from, std::string_view name, Kind kind) {
    const auto found = find(from, name);
    if (!found) return fail(wrong::missing_member, name);
    if (found->kind() != kind) return fail(wrong::wrong_type, name);
    return *found;
}

}  // namespace

Result<Value> object(const Value& from, std::string_view name) { return member(from, name, Kind::object); }
Result<Value> array(const Value& from, std::string_view name) { return member(from, name, Kind::array); }

Result<String> string(const Value& from, std::string_view name) {
    TRY(const Value value, member(from, name, Kind::string));
    return string_at(value.text(), 0);
}

Result<std::uint64_t> number(const Value& from, std::string_view name, std::uint64_t max) {
    TRY(const Value value, member(from, name, Kind::number));
    const auto read = as_number(value);
    if (!read || *read > max) return fail(wrong::wrong_type, name);
    return *read;
}

Result<bool> boolean(const Value& from, std::string_view name) {
    TRY(const Value value, member(from, name, Kind::boolean));
    return value.text()[0] == 't';
}

std::optional<String> as_string(const Value& value) {
    if (value.kind() != Kind::string) return std::nullopt;
    return string_at(value.text(), 0);
}

std::optional<String> find_string(const Value& from, std::string_view name) {
    const auto found = find(from, name);
    return found ? as_string(*found) : std::nullopt;
}

std::optional<std::uint64_t> find_number(const Value& from, std::string_view name) {
    const auto found = find(from, name);
    return found ? as_number(*found) : std::nullopt;
}

// Back-slashes stand in strings only, so everything between two of them goes out as it is.
void write_canonical(const Value& value, Sink& sink) {
    View left = value.text();
    while (!left.empty()) {
        const auto run = static_cast<std::size_t>(std::ranges::find(left, std::uint8_t{'\\'}) - left.begin());
        if (run > 0) sink.take(left.first(run));
        left = left.subspan(run);
        if (left.empty()) return;
        const std::size_t size = size_of_escape(text_of(left));
        std::array<std::uint8_t, 5> out{'\\'};
        std::size_t out_size = 1;
        for (Characters meant(String(left.first(size))); const auto c = meant.next();) out[out_size++] = *c;
        const bool stays_escaped = out[1] == '"' || out[1] == '\\';
        sink.take(View(out).subspan(stays_escaped ? 0 : 1, stays_escaped ? 2 : out_size - 1));
        left = left.subspan(size);
    }
}

}  // namespace pitstop::uptane::json_text
