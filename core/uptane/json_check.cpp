// Whether a text is JSON of the narrow form. What it accepts, json_text.cpp walks without looking again.
#include "core/base/faults.h"
#include "core/uptane/json_text.h"
#include "core/uptane/json_walk.h"

#include <algorithm>
#include <charconv>

namespace pitstop::uptane::json_text {
namespace {

namespace wrong = pitstop::faults;

// One object or array that is open.
struct Level {
    bool is_object = false;
    bool has_member = false;
    std::uint32_t last_name = 0;  // the opening quote of the member before
};

class Checker {
public:
    explicit Checker(View text) : text_(text) {}

    Result<void> run() {
        do {
            ENSURE(value());
            while (depth_ > 0 && at(level().is_object ? '}' : ']')) close();
            if (depth_ > 0) ENSURE(separator());
        } while (depth_ > 0);
        if (at_ != text_.size()) return refuse("extra text after the value");
        return {};
    }

private:
    [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const {
        std::array<char, 96> detail{};
        char* end = std::ranges::copy(std::string_view("at byte "), detail.begin()).out;
        end = std::to_chars(end, detail.end(), at_).ptr;
        end = std::ranges::copy(std::string_view(": "), end).out;
        end = std::ranges::copy(why.substr(0, 60), end).out;
        return fail(wrong::bad_json, {detail.data(), end});
    }
    [[nodiscard]] bool at(char c) const { return at_ < text_.size() && text_[at_] == static_cast<std::uint8_t>(c); }
    [[nodiscard]] Level& level() { return levels_[depth_ - 1]; }
    void close() {
        ++at_;
        --depth_;
    }

    // One value; of a container that is not empty its opening and, inside an object, its first name. Empty ones stay
    // open for the caller to close.
    Result<void> value() {
        for (;;) {
            if (at('{') || at('[')) {
                ENSURE(open());
                if (at(level().is_object ? '}' : ']')) return {};
                if (level().is_object) ENSURE(name());
                continue;
            }
            if (at('"')) return string();
            if (at('-') || is_digit()) return number();
            for (const std::string_view word : {"null", "true", "false"}) {
                if (!text_of(text_.subspan(at_)).starts_with(word)) continue;
                at_ += word.size();
                return {};
            }
            return refuse("a value is expected");
        }
    }

    Result<void> open() {
        if (depth_ == levels_max) return refuse("nested too deeply");
        const bool is_object = at('{');
        ++at_;
        levels_[depth_++] = {is_object, false, 0};
        return {};
    }

    Result<void> separator() {
        if (!at(',')) return refuse("',' or the end is expected");
        ++at_;
        return level().is_object ? name() : Result<void>{};
    }

    Result<void> name() {
        const auto start = static_cast<std::uint32_t>(at_);
        if (!at('"')) return refuse("a name is expected");
        ENSURE(string());
        const String read(text_.subspan(start + 1, at_ - start - 2));
        if (size_bytes(read) > name_size_bytes_max) return refuse("a name is too long");
        Level& here = level();
        if (here.has_member && compare(string_at(text_, here.last_name), read) >= 0)
            return refuse("members are not in order, or one stands twice");
        here.has_member = true;
        here.last_name = start;
        if (!at(':')) return refuse("':' is expected");
        ++at_;
        return {};
    }

    Result<void> number() {
        const std::size_t start = at_;
        if (at('-')) ++at_;
        const std::size_t digits = at_;
        while (is_digit()) ++at_;
        const std::string_view text = text_of(text_.subspan(start, at_ - start));
        if (at_ == digits) return refuse("a number has no digits");
        if (text_[digits] == '0' && (at_ - digits > 1 || digits > start)) return refuse("a number starts with 0");
        if (at('.') || at('e') || at('E')) return refuse("a number is not whole");
        std::int64_t negative = 0;
        std::uint64_t positive = 0;
        const auto read = digits > start ? std::from_chars(text.data(), text.data() + text.size(), negative)
                                         : std::from_chars(text.data(), text.data() + text.size(), positive);
        if (read.ec != std::errc{}) return refuse("a number is out of range");
        return {};
    }

    Result<void> string() {
        ++at_;
        for (;;) {
            if (at_ >= text_.size()) return refuse("a text does not end");
            const std::uint8_t c = text_[at_];
            if (c == '"') break;
            if (c < 0x20) return refuse("a control character in a text");
            const std::size_t size = c == '\\' ? escape_size() : c < 0x80 ? 1 : utf8_size();
            if (size == 0) return refuse(c == '\\' ? "an escape is not known" : "not UTF-8");
            at_ += size;
        }
        ++at_;
        return {};
    }

    // 0: not an escape.
    [[nodiscard]] std::size_t escape_size() const {
        const std::string_view rest = text_of(text_.subspan(at_));
        if (rest.size() < 2) return 0;
        if (std::string_view("\"\\/bfnrt").find(rest[1]) != std::string_view::npos) return 2;
        const auto first = unicode_escape(rest);
        if (!first || (*first >= 0xDC00 && *first <= 0xDFFF)) return 0;
        if (*first < 0xD800 || *first > 0xDBFF) return 6;
        const auto second = unicode_escape(text_of(text_.subspan(at_ + 6)));
        return second && *second >= 0xDC00 && *second <= 0xDFFF ? 12 : 0;
    }

    // Table 3-7 of the Unicode standard. 0: not UTF-8.
    [[nodiscard]] std::size_t utf8_size() const {
        const std::uint8_t first = text_[at_];
        const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || text_.size() - at_ < size) return 0;
        for (std::size_t i = 1; i < size; ++i)
            if ((text_[at_ + i] & 0xC0) != 0x80) return 0;
        const std::uint8_t second = text_[at_ + 1];
        const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
        const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
        return overlong || beyond ? 0 : size;
    }

    [[nodiscard]] bool is_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

    View text_;
    std::size_t at_ = 0;
    std::array<Level, levels_max> levels_{};
    std::size_t depth_ = 0;
};

}  // namespace

Result<Value> check(View text) {
    if (text.size() > text_size_bytes_max) return fail(wrong::bad_json, "larger than any file");
    ENSURE(Checker(text).run());
    return Value(text);
}

}  // namespace pitstop::uptane::json_text
