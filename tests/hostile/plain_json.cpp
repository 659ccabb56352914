#include "tests/hostile/plain_json.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace pitstop::hostile {
namespace {

namespace json = boost::json;

constexpr int depth_max = 32;
constexpr std::size_t name_size_max = 1024;

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    json::value whole() {
        json::value value = read(0);
        skip();
        if (at_ != text_.size()) bad("text after the value");
        return value;
    }

private:
    [[noreturn]] void bad(const char* why) const { throw NotJson(std::string(why) + " at " + std::to_string(at_)); }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    char next() {
        if (at_ == text_.size()) bad("the end");
        return text_[at_++];
    }
    void skip() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
    }
    void expect(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) bad("an unknown word");
        at_ += word.size();
    }

    json::value read(int depth) {
        skip();
        switch (peek()) {
            case '{': return object(depth + 1);
            case '[': return array(depth + 1);
            case '"': return json::value(string());
            case 't': expect("true"); return true;
            case 'f': expect("false"); return false;
            case 'n': expect("null"); return nullptr;
            default: return number();
        }
    }

    json::value object(int depth) {
        if (depth > depth_max) bad("too deep");
        json::object made;
        ++at_;
        skip();
        if (peek() == '}') return ++at_, made;
        for (;;) {
            skip();
            if (peek() != '"') bad("no name");
            const std::string name = string();
            if (name.size() > name_size_max) bad("a long name");
            if (made.contains(name)) bad("a member twice");
            skip();
            if (next() != ':') bad("no colon");
            made[name] = read(depth);
            skip();
            const char c = next();
            if (c == '}') return made;
            if (c != ',') bad("no comma");
        }
    }

    json::value array(int depth) {
        if (depth > depth_max) bad("too deep");
        json::array made;
        ++at_;
        skip();
        if (peek() == ']') return ++at_, made;
        for (;;) {
            made.push_back(read(depth));
            skip();
            const char c = next();
            if (c == ']') return made;
            if (c != ',') bad("no comma");
        }
    }

    json::value number() {
        const std::size_t start = at_;
        const auto digits = [this] {
            const std::size_t from = at_;
            while (peek() >= '0' && peek() <= '9') ++at_;
            if (at_ == from) bad("no digit");
        };
        if (peek() == '-') ++at_;
        if (peek() == '0')
            ++at_;
        else
            digits();
        bool whole = true;
        if (peek() == '.') ++at_, digits(), whole = false;
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            digits();
            whole = false;
        }
        const std::string token(text_.substr(start, at_ - start));
        const char *first = token.data(), *last = first + token.size();
        std::int64_t small = 0;
        std::uint64_t large = 0;
        if (whole && std::from_chars(first, last, small).ec == std::errc{}) return small;
        if (whole && token[0] != '-' && std::from_chars(first, last, large).ec == std::errc{}) return large;
        const double value = std::strtod(token.c_str(), nullptr);
        if (!std::isfinite(value)) bad("a number out of range");
        return value;
    }

    unsigned four_digits() {
        unsigned value = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = next();
            const auto found =
                std::string_view("0123456789abcdef").find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
            if (found == std::string_view::npos) bad("no hex digit");
            value = value << 4 | static_cast<unsigned>(found);
        }
        return value;
    }

    static void put(std::string& out, unsigned point) {
        const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 63)); };
        if (point < 0x80) {
            out += static_cast<char>(point);
        } else if (point < 0x800) {
            out += static_cast<char>(0xC0 | point >> 6), tail(0);
        } else if (point < 0x10000) {
            out += static_cast<char>(0xE0 | point >> 12), tail(6), tail(0);
        } else {
            out += static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0);
        }
    }

    void escape(std::string& out) {
        const char c = next();
        constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
        if (const auto found = from.find(c); found != std::string_view::npos) {
            out += to[found];
            return;
        }
        if (c != 'u') bad("an unknown escape");
        unsigned point = four_digits();
        if (point >= 0xDC00 && point <= 0xDFFF) bad("half a pair");
        if (point >= 0xD800 && point <= 0xDBFF) {
            if (next() != '\\' || next() != 'u') bad("half a pair");
            const unsigned low = four_digits();
            if (low < 0xDC00 || low > 0xDFFF) bad("half a pair");
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        put(out, point);
    }

    void several_bytes(std::string& out, unsigned first) {
        const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4) bad("no UTF-8");
        unsigned point = first & (0x3FU >> more);
        for (int i = 0; i < more; ++i) {
            const auto c = static_cast<std::uint8_t>(next());
            if (c >> 6 != 2) bad("no UTF-8");
            point = point << 6 | (c & 63U);
        }
        constexpr unsigned least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) bad("no UTF-8");
        put(out, point);
    }

    std::string string() {
        std::string out;
        ++at_;
        for (;;) {
            const char c = next();
            const auto byte = static_cast<std::uint8_t>(c);
            if (c == '"') return out;
            if (byte < 0x20) bad("a control character");
            if (c == '\\')
                escape(out);
            else if (byte >= 0x80)
                several_bytes(out, byte);
            else
                out += c;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void write_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void write(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        std::vector<std::string> names;
        for (const auto& member : *object) names.emplace_back(member.key());
        std::ranges::sort(names);
        out += '{';
        for (const std::string& name : names) {
            if (out.back() != '{') out += ',';
            write_text(out, name);
            out += ':';
            write(out, object->at(name));
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) out += ',';
            write(out, (*array)[i]);
        }
        out += ']';
    } else if (const auto* text = value.if_string()) {
        write_text(out, *text);
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

json::value read_json(std::string_view text) { return Reader(text).whole(); }

std::string canonical(const json::value& value) {
    std::string out;
    write(out, value);
    return out;
}

bool has_float(const json::value& value) {
    if (const auto* object = value.if_object())
        return std::ranges::any_of(*object, [](const auto& member) { return has_float(member.value()); });
    if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_float);
    return value.is_double();
}

}  // namespace pitstop::hostile
