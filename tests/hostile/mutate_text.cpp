// The file as a text: what JSON allows, what it does not, and what is too much. The listing roles know of it, so that
// nothing else is wrong.
#include "tests/hostile/mutation.h"

#include "tests/hostile/plain_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace pitstop::hostile {
namespace {

constexpr auto refused = Alone::refused, accepted = Alone::accepted, either = Alone::either;
constexpr std::string_view certain_files = "rtsg";

using Change = std::function<void(std::string& text)>;

Mutation text(std::string name, Alone alone, Change change, std::string_view files = certain_files) {
    return {std::move(name), alone, [change = std::move(change), files](Scene& scene) {
                scene.file(files).as_text.push_back(change);
                return true;
            }};
}

Mutation envelope(std::string name, Alone alone, std::function<void(json::object&)> change) {
    return {std::move(name), alone, [change = std::move(change)](Scene& scene) {
                scene.file(certain_files).after_signing.push_back(change);
                return true;
            }};
}

Mutation body(std::string name, Alone alone, std::function<void(json::value&)> change) {
    return {std::move(name), alone, [change = std::move(change)](Scene& scene) {
                scene.file(certain_files).before_signing.push_back(change);
                return true;
            }};
}

json::value nested(int depth) {
    json::value inner = 1;
    for (int i = 0; i < depth; ++i) inner = json::array{std::move(inner)};
    return inner;
}

// Members backwards, every level indented: the same document.
void write_loosely(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        out += "{\r\n\t";
        for (auto at = object->end(); at != object->begin();) {
            --at;
            out += json::serialize(json::string_view(at->key())) + " :\n ";
            write_loosely(out, at->value());
            if (at != object->begin()) out += " ,\t";
        }
        out += " }\n";
    } else if (const auto* array = value.if_array()) {
        out += "[ ";
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) out += "\n, ";
            write_loosely(out, (*array)[i]);
        }
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

void insert_before(std::string& text, std::string_view where, std::string_view what) {
    if (const auto at = text.find(where); at != text.npos) text.insert(at, what);
}
void insert_after(std::string& text, std::string_view where, std::string_view what) {
    if (const auto at = text.find(where); at != text.npos) text.insert(at + where.size(), what);
}
void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

void add_wrong_json(std::vector<Mutation>& table) {
    table.push_back(text("json.empty", refused, [](std::string& text) { text.clear(); }));
    table.push_back(text("json.null-bytes", refused, [](std::string& text) { text.assign(100, '\0'); }));
    table.push_back(text("json.cut-in-half", refused, [](std::string& text) { text.resize(text.size() / 2); }));
    table.push_back(text("json.last-brace-missing", refused, [](std::string& text) {
        if (!text.empty()) text.pop_back();
    }));
    table.push_back(text("json.bytes-behind", refused, [](std::string& text) { text += "x"; }));
    table.push_back(text("json.null-byte-behind", refused, [](std::string& text) { text += '\0'; }));
    table.push_back(text("json.document-twice", refused, [](std::string& text) { text += text; }));
    table.push_back(text("json.byte-order-mark", refused, [](std::string& text) { text.insert(0, "\xEF\xBB\xBF"); }));
    table.push_back(
        text("json.comment", refused, [](std::string& text) { insert_before(text, "\"signed\"", "/* so */"); }));
    table.push_back(text("json.trailing-comma", refused, [](std::string& text) {
        if (!text.empty()) text.insert(text.size() - 1, ",");
    }));
    table.push_back(
        text("json.single-quotes", refused, [](std::string& text) { replace_all(text, "\"_type\"", "'_type'"); }));
    table.push_back(text("json.not-a-number", refused,
                         [](std::string& text) { insert_after(text, "\"signed\":{", "\"a\":NaN,"); }));
    table.push_back(text("json.infinity", refused, [](std::string& text) { insert_after(text, "{", "\"a\":1e999,"); }));
    table.push_back(
        text("json.leading-zero", refused, [](std::string& text) { insert_after(text, "{", "\"a\":01,"); }));
    table.push_back(text("json.plus-sign", refused, [](std::string& text) { insert_after(text, "{", "\"a\":+1,"); }));
    table.push_back(text("json.half-a-surrogate", refused,
                         [](std::string& text) { insert_after(text, "{", "\"a\":\"\\ud83d\","); }));
    table.push_back(
        text("json.bad-utf8", refused, [](std::string& text) { insert_after(text, "{", "\"a\":\"\xC3(\","); }));
    table.push_back(
        text("json.overlong-utf8", refused, [](std::string& text) { insert_after(text, "{", "\"a\":\"\xC0\xAF\","); }));
    table.push_back(text("json.surrogate-utf8", refused,
                         [](std::string& text) { insert_after(text, "{", "\"a\":\"\xED\xA0\x80\","); }));
    table.push_back(
        text("json.control-character", refused, [](std::string& text) { insert_after(text, "{", "\"a\":\"\x01\","); }));
    table.push_back(
        text("json.member-twice", refused, [](std::string& text) { insert_after(text, "{", "\"signatures\":[],"); }));
    table.push_back(text("json.version-twice", refused,
                         [](std::string& text) { insert_after(text, "\"signed\":{", "\"version\":9,"); }));
    table.push_back(text("json.member-twice-by-escape", refused,
                         [](std::string& text) { insert_after(text, "\"signed\":{", "\"versio\\u006e\":9,"); }));
    table.push_back(text("json.array", refused, [](std::string& text) { text = "[" + text + "]"; }));
    table.push_back(text("json.text", refused, [](std::string& text) { text = "\"file\""; }));
    table.push_back(
        text("json.html", refused, [](std::string& text) { text = "<html><body>Please log in</body></html>"; }));
    table.push_back(text(
        "json.over-the-cap", refused,
        [](std::string& text) {
            text.append((std::size_t{1} << 16) + 1 - std::min<std::size_t>(text.size(), 1 << 16), ' ');
        },
        "t"));
    table.push_back(text(
        "json.as-large-as-the-cap", accepted,
        [](std::string& text) {
            if (text.size() < 1 << 16) text.resize(1 << 16, ' ');
        },
        "t"));
}

void add_other_spelling(std::vector<Mutation>& table) {
    table.push_back(text("spelling.loose", accepted, [](std::string& text) {
        boost::system::error_code problem;
        const json::value document = json::parse(text, problem);
        if (problem) return;
        text.clear();
        write_loosely(text, document);
    }));
    table.push_back(text("spelling.escapes", accepted,
                         [](std::string& text) { replace_all(text, "\"_type\"", "\"\\u005ftype\""); }));
    table.push_back(text("spelling.upper-case-escapes", accepted,
                         [](std::string& text) { replace_all(text, "\"signed\"", "\"\\u0073igne\\u0064\""); }));
    table.push_back(
        text("spelling.minus-zero-outside", accepted, [](std::string& text) { insert_after(text, "{", "\"a\":-0,"); }));
    table.push_back(text("spelling.space-behind", accepted, [](std::string& text) { text += " \r\n\t"; }));
    table.push_back(text("spelling.unsigned-change", refused,
                         [](std::string& text) { insert_after(text, "\"signed\":{", "\"x\":1,"); }));
    table.push_back(
        text("spelling.unsigned-version", refused, [](std::string& text) { insert_after(text, "\"version\":", "1"); }));
    table.push_back(
        text("spelling.float-outside", refused, [](std::string& text) { insert_after(text, "{", "\"a\":1.5,"); }));
    table.push_back(
        body("depth.as-deep-as-allowed", accepted, [](json::value& body) { body.as_object()["x"] = nested(30); }));
    table.push_back(body("depth.one-too-deep", refused, [](json::value& body) { body.as_object()["x"] = nested(31); }));
    table.push_back(text("depth.bomb", refused, [](std::string& text) { text = std::string(20'000, '['); }));
    table.push_back(
        body("depth.long-name", refused, [](json::value& body) { body.as_object()[std::string(1025, 'n')] = 1; }));
    table.push_back(body("depth.many-members", accepted, [](json::value& body) {
        for (int i = 0; i < 300; ++i) body.as_object()["x-" + std::to_string(i)] = i;
    }));
}

void add_envelopes(std::vector<Mutation>& table) {
    table.push_back(envelope("envelope.signed-missing", refused, [](json::object& file) { file.erase("signed"); }));
    table.push_back(envelope("envelope.signed-is-text", refused,
                             [](json::object& file) { file["signed"] = sorted_text(file["signed"]); }));
    table.push_back(envelope("envelope.signed-is-null", refused, [](json::object& file) { file["signed"] = nullptr; }));
    table.push_back(
        envelope("envelope.signatures-missing", refused, [](json::object& file) { file.erase("signatures"); }));
    table.push_back(envelope("envelope.signatures-object", refused,
                             [](json::object& file) { file["signatures"] = json::object(); }));
    table.push_back(
        envelope("envelope.extra-member", accepted, [](json::object& file) { file["x-served-by"] = "cache 7"; }));
    table.push_back(envelope("envelope.unsigned-member-inside", refused, [](json::object& file) {
        if (file.contains("signed") && file["signed"].is_object()) file["signed"].as_object()["x"] = 1;
    }));
}

// One change of one byte, or a few, anywhere; what is listed agrees.
void add_bytes(std::vector<Mutation>& table) {
    const auto bytes = [&table](const char* name, const std::function<void(std::string&, Rng&)>& change) {
        table.push_back({name, either, [change](Scene& scene) {
                             const std::uint64_t seed = scene.rng.below(std::size_t{1} << 40);
                             scene.file().as_text.emplace_back([change, seed](std::string& text) {
                                 Rng rng(seed);
                                 if (!text.empty()) change(text, rng);
                             });
                             return true;
                         }});
    };
    bytes("bytes.flip-one-bit",
          [](std::string& text, Rng& rng) { text[rng.below(text.size())] ^= static_cast<char>(1U << rng.below(8)); });
    bytes("bytes.flip-several", [](std::string& text, Rng& rng) {
        for (std::size_t i = 2 + rng.below(10); i > 0; --i)
            text[rng.below(text.size())] ^= static_cast<char>(1U << rng.below(8));
    });
    bytes("bytes.any-value",
          [](std::string& text, Rng& rng) { text[rng.below(text.size())] = static_cast<char>(rng.below(256)); });
    bytes("bytes.other-digit", [](std::string& text, Rng& rng) {
        for (std::size_t at = rng.below(text.size()), tries = 0; tries < text.size();
             ++tries, at = (at + 1) % text.size())
            if (text[at] >= '0' && text[at] <= '9') {
                text[at] = static_cast<char>('0' + rng.below(10));
                return;
            }
    });
    bytes("bytes.remove", [](std::string& text, Rng& rng) { text.erase(rng.below(text.size()), 1 + rng.below(8)); });
    bytes("bytes.insert", [](std::string& text, Rng& rng) {
        constexpr std::string_view likely = " \t\n{}[],:\"\\0123456789-.eEaAfF";
        for (std::size_t i = 1 + rng.below(3); i > 0; --i)
            text.insert(rng.below(text.size() + 1), 1, likely[rng.below(likely.size())]);
    });
    bytes("bytes.repeat-a-piece", [](std::string& text, Rng& rng) {
        const std::size_t from = rng.below(text.size());
        const std::string piece = text.substr(from, 1 + rng.below(64));
        text.insert(from, piece);
    });
    bytes("bytes.move-a-piece", [](std::string& text, Rng& rng) {
        const std::string piece = text.substr(rng.below(text.size()), 1 + rng.below(64));
        text.replace(rng.below(text.size()), piece.size(), piece);
    });
    bytes("bytes.swap-case", [](std::string& text, Rng& rng) {
        for (std::size_t at = rng.below(text.size()), tries = 0; tries < text.size();
             ++tries, at = (at + 1) % text.size())
            if (std::string_view("abcdef").contains(text[at])) {
                text[at] = static_cast<char>(text[at] - 32);
                return;
            }
    });
}

}  // namespace

void add_text_mutations(std::vector<Mutation>& table) {
    add_wrong_json(table);
    add_other_spelling(table);
    add_envelopes(table);
    add_bytes(table);
}

}  // namespace pitstop::hostile
