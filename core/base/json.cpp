#include "core/base/json.h"

#include "core/base/faults.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <format>

namespace pitstop::json {
namespace {

// Checks what boost::json::parse leaves open: duplicate members are overwritten there, silently.
struct MemberCheck {
    struct handler {
        static constexpr std::size_t max_object_size = 100'000;
        static constexpr std::size_t max_array_size = 100'000;
        static constexpr std::size_t max_key_size = 1024;
        static constexpr std::size_t max_string_size = 8u << 20;

        std::vector<std::vector<std::string>> open;
        std::string key;
        std::string duplicate;

        using error_code = boost::system::error_code;
        bool on_document_begin(error_code&) { return true; }
        bool on_document_end(error_code&) { return true; }
        bool on_object_begin(error_code&) {
            open.emplace_back();
            return true;
        }
        bool on_object_end(std::size_t, error_code& problem) {
            auto& keys = open.back();
            std::ranges::sort(keys);
            if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end()) {
                duplicate = *twice;
                problem = boost::json::make_error_code(boost::json::error::syntax);
                return false;
            }
            open.pop_back();
            return true;
        }
        bool on_array_begin(error_code&) { return true; }
        bool on_array_end(std::size_t, error_code&) { return true; }
        bool on_key_part(std::string_view part, std::size_t, error_code&) {
            key += part;
            return true;
        }
        bool on_key(std::string_view part, std::size_t, error_code&) {
            key += part;
            open.back().push_back(std::move(key));
            key.clear();
            return true;
        }
        bool on_string_part(std::string_view, std::size_t, error_code&) { return true; }
        bool on_string(std::string_view, std::size_t, error_code&) { return true; }
        bool on_number_part(std::string_view, error_code&) { return true; }
        bool on_int64(std::int64_t, std::string_view, error_code&) { return true; }
        bool on_uint64(std::uint64_t, std::string_view, error_code&) { return true; }
        bool on_double(double value, std::string_view, error_code& problem) {
            if (std::isfinite(value)) return true;
            problem = boost::json::make_error_code(boost::json::error::exponent_overflow);
            return false;
        }
        bool on_bool(bool, error_code&) { return true; }
        bool on_null(error_code&) { return true; }
        bool on_comment_part(std::string_view, error_code&) { return true; }
        bool on_comment(std::string_view, error_code&) { return true; }
    };
};

enum class Strings : std::uint8_t { canonical, escaped };

void write_string(std::string& out, std::string_view text, Strings strings) {
    if (strings == Strings::escaped) {
        out += boost::json::serialize(boost::json::string_view(text));
        return;
    }
    out += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

Result<void> write_sorted(std::string& out, const Value& value, Strings strings) {
    switch (value.kind()) {
        case boost::json::kind::null: out += "null"; return {};
        case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; return {};
        case boost::json::kind::int64: out += std::to_string(value.get_int64()); return {};
        case boost::json::kind::uint64: out += std::to_string(value.get_uint64()); return {};
        case boost::json::kind::double_:
            return fail(faults::wrong_type, "canonical JSON has no floating-point numbers");
        case boost::json::kind::string: write_string(out, value.get_string(), strings); return {};
        case boost::json::kind::array: {
            out += '[';
            bool first = true;
            for (const Value& item : value.get_array()) {
                if (!std::exchange(first, false)) out += ',';
                ENSURE(write_sorted(out, item, strings));
            }
            out += ']';
            return {};
        }
        case boost::json::kind::object: {
            std::vector<const boost::json::key_value_pair*> members;
            for (const auto& member : value.get_object()) members.push_back(&member);
            std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->key()); });
            out += '{';
            bool first = true;
            for (const auto* member : members) {
                if (!std::exchange(first, false)) out += ',';
                write_string(out, member->key(), strings);
                out += ':';
                ENSURE(write_sorted(out, member->value(), strings));
            }
            out += '}';
            return {};
        }
    }
    return {};
}

const Value* find(const Object& from, std::string_view name) { return from.if_contains(name); }

template <class Read>
auto member(const Object& from, std::string_view name, std::string_view type, Read read)
    -> Result<std::remove_cvref_t<decltype(*read(std::declval<const Value&>()))>> {
    const Value* value = find(from, name);
    if (!value) return fail(faults::missing_member, std::format("'{:.80}'", name));
    auto result = read(*value);
    if (!result) return fail(faults::wrong_type, std::format("'{:.80}' must be {}", name, type));
    return *result;
}

}  // namespace

Result<Value> parse(View bytes, std::size_t size_bytes_max) {
    if (bytes.size() > size_bytes_max)
        return fail(faults::bad_json, std::format("{} bytes, allowed are {}", bytes.size(), size_bytes_max));
    const std::string_view text = text_of(bytes);
    boost::json::parse_options options;
    options.max_depth = depth_max;
    // Otherwise 0e999 is no number at all, and the last digits of others come out different.
    options.numbers = boost::json::number_precision::precise;

    boost::json::basic_parser<MemberCheck::handler> check(options);
    boost::system::error_code problem;
    const std::size_t read = check.write_some(false, text.data(), text.size(), problem);
    if (!check.handler().duplicate.empty())
        return fail(faults::bad_json, std::format("member '{:.80}' stands twice", check.handler().duplicate));
    if (problem) return fail(faults::bad_json, std::format("at byte {}: {}", read, problem.message()));
    if (read != text.size()) return fail(faults::bad_json, std::format("extra text after the value, at byte {}", read));

    Value value = boost::json::parse(text, problem, {}, options);
    if (problem) return fail(faults::bad_json, problem.message());
    return value;
}

Result<std::string> canonical(const Value& value) {
    std::string out;
    ENSURE(write_sorted(out, value, Strings::canonical));
    return out;
}

Result<std::string> sorted(const Value& value) {
    std::string out;
    ENSURE(write_sorted(out, value, Strings::escaped));
    return out;
}

Result<const Object*> as_object(const Value& value, std::string_view what) {
    if (!value.is_object()) return fail(faults::wrong_type, std::format("{} must be an object", what));
    return &value.get_object();
}

Result<const Object*> object(const Object& from, std::string_view name) {
    return member(from, name, "an object", [](const Value& value) -> std::optional<const Object*> {
        if (const Object* found = value.if_object()) return found;
        return {};
    });
}

Result<const Array*> array(const Object& from, std::string_view name) {
    return member(from, name, "an array", [](const Value& value) -> std::optional<const Array*> {
        if (const Array* found = value.if_array()) return found;
        return {};
    });
}

Result<std::string> string(const Object& from, std::string_view name) {
    return member(from, name, "a string", [](const Value& value) -> std::optional<std::string> {
        if (const auto* found = value.if_string()) return std::string(*found);
        return {};
    });
}

Result<std::uint64_t> number(const Object& from, std::string_view name, std::uint64_t max) {
    return member(from, name, std::format("a whole number from 0 to {}", max),
                  [max](const Value& value) -> std::optional<std::uint64_t> {
                      std::optional<std::uint64_t> found;
                      if (const auto* small = value.if_int64(); small && *small >= 0)
                          found = static_cast<std::uint64_t>(*small);
                      if (const auto* large = value.if_uint64()) found = *large;
                      if (found && *found > max) found.reset();
                      return found;
                  });
}

Result<bool> boolean(const Object& from, std::string_view name) {
    return member(from, name, "true or false", [](const Value& value) -> std::optional<bool> {
        if (const bool* found = value.if_bool()) return *found;
        return {};
    });
}

Result<UtcTime> time(const Object& from, std::string_view name) {
    TRY(const std::string text, string(from, name));
    return UtcTime::parse(text);
}

Result<Sha256Digest> sha256(const Object& from, std::string_view name) {
    TRY(const std::string text, string(from, name));
    return sha256_from_hex(text);
}

bool has(const Object& from, std::string_view name) {
    const Value* value = find(from, name);
    return value && !value->is_null();
}

}  // namespace pitstop::json
