#include "core/uptane/json_text.h"
#include "core/base/faults.h"
#include "core/base/json.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <random>

namespace pitstop::uptane::json_text {
namespace {

class Collector final : public Sink {
public:
    void take(View piece) override { text += text_of(piece); }
    std::string text;
};

std::string canonical_of(const Value& value) {
    Collector collector;
    write_canonical(value, collector);
    return collector.text;
}

bool accepts(std::string_view text) { return check(view_of(text)).has_value(); }

Value read(std::string_view text) { return *check(view_of(text)); }

// The oracle: the text with the escapes of its strings resolved, by another parser and without any state.
std::optional<std::string> with_escapes_resolved(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '"') {
            out += text[at++];
            continue;
        }
        std::size_t end = at + 1;
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        if (end >= text.size()) return std::nullopt;
        const auto literal = json::parse(view_of(text.substr(at, end + 1 - at)), 1u << 20);
        if (!literal) return std::nullopt;
        out += *json::canonical(*literal);
        at = end + 1;
    }
    return out;
}

// What the narrow form is: text that is its own canonical JSON once its escapes are resolved.
std::optional<std::string> expected_canonical(std::string_view text) {
    const auto parsed = json::parse(view_of(text), 1u << 20);
    if (!parsed) return std::nullopt;
    const auto canonical = json::canonical(*parsed);
    if (!canonical || with_escapes_resolved(text) != *canonical) return std::nullopt;
    return *canonical;
}

void expect_same_verdict(std::string_view text) {
    const auto expected = expected_canonical(text);
    const auto found = check(view_of(text));
    ASSERT_EQ(found.has_value(), expected.has_value()) << text << (found ? "" : found.error().str());
    if (found) {
        ASSERT_EQ(canonical_of(*found), *expected) << text;
    }
}

class Generator {
public:
    explicit Generator(std::uint64_t seed) : chance_(seed) {}

    std::string document() { return value(0); }
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(chance_() % end); }

    // A change that may or may not leave the form.
    std::string damaged(std::string text) {
        static constexpr std::string_view alphabet = "{}[]\",:\\u0019-.eEtfn /d8D\x1f\xc3\xa9\xed\x80\xf0\xff";
        for (std::size_t changes = 1 + below(3); changes > 0 && !text.empty(); --changes) {
            const std::size_t at = below(text.size());
            switch (below(4)) {
                case 0: text.erase(at, 1 + below(3)); break;
                case 1: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
                case 2: text[at] = alphabet[below(alphabet.size())]; break;
                default: text.insert(at, text.substr(below(text.size()), below(12)));
            }
        }
        return text;
    }

private:
    std::string value(int depth) {
        switch (below(depth > 5 ? 4 : 6)) {
            case 0: return number();
            case 1: return literal();
            case 2: return std::array{"null", "true", "false"}[below(3)];
            case 3: return literal();
            case 4: {
                std::string text = "[";
                for (std::size_t n = below(4); n > 0; --n) text += value(depth + 1) + (n > 1 ? "," : "");
                return text + "]";
            }
            default: return object(depth);
        }
    }
    std::string object(int depth) {
        std::map<std::string, std::string> members;  // by resolved name
        for (std::size_t n = below(5); n > 0; --n) {
            const std::string name = literal();
            members[std::string(boost::json::parse(name).get_string())] = name + ":" + value(depth + 1);
        }
        std::string text = "{";
        for (const auto& [name, member] : members) text += (text.size() > 1 ? "," : "") + member;
        return text + "}";
    }
    std::string number() {
        static constexpr std::array edges{"0", "1", "-1", "18446744073709551615", "-9223372036854775808", "10", "7"};
        return edges[below(edges.size())];
    }
    std::string literal() {
        static constexpr std::array pieces{"a",       "b",   "Z",   "0",       "~",       "\\\"",           "\\\\",
                                           "\\/",     "/",   "\\n", "\\u000a", "\\u0022", "\\u005C",        "\\u0041",
                                           "\\u00e9", "é",   "€",   "😀",      "\\u20AC", "\\ud83d\\ude00", "\\t",
                                           "\\u0000", "sig", "key", "\x7f"};
        std::string text = "\"";
        for (std::size_t n = below(5); n > 0; --n) text += pieces[below(pieces.size())];
        return text + "\"";
    }
    std::mt19937_64 chance_;
};

TEST(JsonText, HasTheCanonicalBytesOfTheOtherReaderForEveryDocument) {
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        const std::string text = Generator(seed).document();
        ASSERT_TRUE(accepts(text)) << seed << ": " << text;
        ASSERT_NO_FATAL_FAILURE(expect_same_verdict(text)) << seed;
    }
}

TEST(JsonText, AgreesWithTheOtherReaderOnDamagedDocuments) {
    std::size_t accepted = 0;
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
        Generator generator(seed);
        const std::string text = generator.damaged(generator.document());
        ASSERT_NO_FATAL_FAILURE(expect_same_verdict(text)) << seed;
        accepted += accepts(text) ? 1 : 0;
    }
    EXPECT_GT(accepted, 1000U);  // otherwise only one side of the promise was looked at
    EXPECT_LT(accepted, 19'000U);
}

// One after the other: around values, numbers, words, strings, UTF-8, objects.
// clang-format off
constexpr std::string_view edges[] = {
    "", " ", "{", "}", "[", "]", "{}", "[]", "[[]]", "{\"a\":}", "{\"a\"}", "{\"a\":1,}", "[1,]", "[,1]", "[1 ]",
    " []", "[] ", "[]\n", "-", "-0", "0", "00", "01", "-1", "1.0", "1e2", "0.0", "+1", "0x1", "18446744073709551615",
    "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "9223372036854775808", "nul", "nulll",
    "true", "True", "NaN", "Infinity", "\"", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u123g\"", "\"\\ud800\"",
    "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"", "\"\t\"", "\"\x7f\"", "\"\xff\"",
    "\"\xc0\x80\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"",
    "\"\xe0\x9f\xbf\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"b\":1,\"a\":2}", "{\"\":1}",
    "{\"a\":1,\"aa\":2,\"b\":3}", "{\"Z\":1,\"a\":2,\"é\":3,\"\\ud83d\\ude00\":4}", "{1:2}", "[1 2]", "[1:2]", "// c",
    "/**/1", "{}{}", "[}", "{]", "\xef\xbb\xbf{}",
};
// clang-format on

TEST(JsonText, AgreesWithTheOtherReaderAtTheEdges) {
    for (const std::string_view text : edges) expect_same_verdict(text);
}

TEST(JsonText, AgreesWithTheOtherReaderOnDepthAndLength) {
    for (const std::size_t depth : {31, 32, 33}) {
        expect_same_verdict(std::string(depth, '[') + std::string(depth, ']'));
        std::string text = "1";
        for (std::size_t i = 0; i < depth; ++i) text = "{\"a\":" + text + "}";
        expect_same_verdict(text);
    }
    for (const std::size_t size : {1023, 1024, 1025}) {
        expect_same_verdict("{\"" + std::string(size, 'n') + "\":1}");
        std::string escaped;
        for (std::size_t i = 0; i < size; ++i) escaped += "\\u0061";
        expect_same_verdict("{\"" + escaped + "\":1}");
    }
}

TEST(JsonText, SaysWhereItIsWrong) {
    const auto found = check(view_of("{\"a\":1.5}"));
    EXPECT_TRUE(found.error().is(pitstop::faults::bad_json));
    EXPECT_EQ(found.error().detail(), "at byte 6: a number is not whole");
    EXPECT_TRUE(check(Bytes(text_size_bytes_max + 1, '1')).error().is(pitstop::faults::bad_json));
}

TEST(JsonText, GivesItsMembers) {
    const Value value = read(R"({"n":7,"o":{"x":[1,[2,"]"],{}]},"s":"a\/b","t":true,"z":null})");
    EXPECT_EQ(value.kind(), Kind::object);
    EXPECT_EQ(count(value), 5U);
    EXPECT_TRUE(*boolean(value, "t"));
    EXPECT_EQ(*number(value, "n", 7), 7U);
    EXPECT_TRUE(string(value, "s")->is("a/b"));
    EXPECT_FALSE(string(value, "s")->is("a/bc"));
    EXPECT_FALSE(string(value, "s")->is("a/"));
    const Value x = *array(*object(value, "o"), "x");
    EXPECT_EQ(count(x), 3U);
    Items items(x);
    ASSERT_TRUE(items.next());
    EXPECT_EQ(items.value().kind(), Kind::number);
    EXPECT_FALSE(as_string(items.value()));
    ASSERT_TRUE(items.next());
    EXPECT_EQ(text_of(items.value().text()), "[2,\"]\"]");
    EXPECT_EQ(count(items.value()), 2U);
    EXPECT_EQ(find(value, "z")->kind(), Kind::null);
    EXPECT_FALSE(find(value, "y"));
    EXPECT_FALSE(find(items.value(), "y"));
}

TEST(JsonText, RefusesMembersThatAreNotThereOrOfAnotherType) {
    const Value value = read(R"({"m":-1,"n":8,"s":"a","t":1})");
    EXPECT_TRUE(string(value, "x").error().is(pitstop::faults::missing_member));
    EXPECT_TRUE(string(value, "n").error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(number(value, "n", 7).error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(number(value, "m", 7).error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(boolean(value, "t").error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(object(value, "s").error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(array(value, "s").error().is(pitstop::faults::wrong_type));
}

TEST(JsonText, CopiesAStringIntoLentStorage) {
    const Value value = read(R"({"s":"\ud83d\ude00\n"})");
    std::array<char, 5> room{};
    EXPECT_EQ(string(value, "s")->copy_to(room), "\U0001F600\n");
    EXPECT_FALSE(string(value, "s")->copy_to(std::span(room).first(4)));
}

}  // namespace
}  // namespace pitstop::uptane::json_text
