// Signed JSON read in place: no heap, no recursion, no copy. ECU profile.
//
// core/base/json.h is for those who have room; this is for an ECU that holds a metadata file in lent storage and wants
// to look at its members. The form is narrower: compact, that is without white space, and every object's members in the
// order of their bytes. That is how Pitstop writes metadata files (docs/formats/bundle.md), so that the canonical text
// which signatures cover is the very same text with its string escapes resolved. What has that form is accepted exactly
// where core/base/json.h accepts it, with the same canonical bytes; a property test holds both together.
//
//     TRY(const Value file, check(bytes));            // all of it, also what nobody will look at
//     TRY(const String keyid, string(file, "keyid"));
//     Members each(file); while (each.next()) … each.name(), each.value() …
//
// A Value says that its text was checked; it refers to the caller's bytes, which must stay.
// Refused: duplicate members, floats, -0, integers beyond 64 bits, more than 32 levels, invalid UTF-8 or escapes, names
// of more than 1024 bytes, anything behind the value. Faults: base.bad-json (with the byte), missing-member,
// wrong-type.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <optional>

namespace pitstop::uptane::json_text {

inline constexpr std::size_t levels_max = 32;                  // json::depth_max
inline constexpr std::size_t name_size_bytes_max = 1024;       // as in core/base/json
inline constexpr std::size_t text_size_bytes_max = 16u << 20;  // the largest bundle; keeps offsets inside 32 bits

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

// What stands between two quotes, escapes and all.
class String {
public:
    String() = default;
    explicit String(View raw) : raw_(raw) {}

    [[nodiscard]] View raw() const { return raw_; }
    [[nodiscard]] bool is(std::string_view text) const;  // with escapes resolved
    // The start of `into`, or nothing where it does not fit.
    [[nodiscard]] std::optional<std::string_view> copy_to(std::span<char> into) const;

private:
    View raw_;
};

[[nodiscard]] bool same(String a, String b);  // with escapes resolved

// The bytes of a string, escapes resolved, one after the other.
class Characters {
public:
    explicit Characters(String string) : left_(string.raw()) {}
    [[nodiscard]] std::optional<std::uint8_t> next();

private:
    void resolve_unicode();

    View left_;
    std::array<std::uint8_t, 4> pending_{};  // UTF-8 of an escape, from pending_at_ on
    std::uint8_t pending_at_ = 0;
    std::uint8_t pending_size_ = 0;
};

class Value {
public:
    [[nodiscard]] View text() const { return text_; }
    [[nodiscard]] Kind kind() const;

private:
    explicit Value(View text) : text_(text) {}
    friend Result<Value> check(View text);
    friend class Members;
    friend class Items;

    View text_;
};

[[nodiscard]] Result<Value> check(View text);

// The members of an object, in the order of the text.
class Members {
public:
    explicit Members(const Value& object) : left_(object.text().subspan(1)) {}
    [[nodiscard]] bool next();
    [[nodiscard]] String name() const { return name_; }
    [[nodiscard]] Value value() const { return Value(value_); }

private:
    View left_;
    String name_;
    View value_;
};

class Items {
public:
    explicit Items(const Value& array) : left_(array.text().subspan(1)) {}
    [[nodiscard]] bool next();
    [[nodiscard]] Value value() const { return Value(value_); }

private:
    View left_;
    View value_;
};

[[nodiscard]] std::size_t count(const Value& container);

[[nodiscard]] std::optional<Value> find(const Value& object, std::string_view name);
[[nodiscard]] Result<Value> object(const Value& from, std::string_view name);
[[nodiscard]] Result<Value> array(const Value& from, std::string_view name);
[[nodiscard]] Result<String> string(const Value& from, std::string_view name);
[[nodiscard]] Result<std::uint64_t> number(const Value& from, std::string_view name, std::uint64_t max);
[[nodiscard]] Result<bool> boolean(const Value& from, std::string_view name);

// For those who have one sentence for everything that may be wrong, and little stack: nothing where it is not there or
// of another type.
[[nodiscard]] std::optional<String> as_string(const Value& value);
[[nodiscard]] std::optional<String> find_string(const Value& from, std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> find_number(const Value& from, std::string_view name);

// Where canonical text goes: into a digest.
class Sink {
public:
    virtual void take(View piece) = 0;

protected:
    Sink() = default;
    Sink(const Sink&) = default;
    Sink& operator=(const Sink&) = default;
    ~Sink() = default;
};

// The canonical JSON (OLPC) of a value.
void write_canonical(const Value& value, Sink& sink);

}  // namespace pitstop::uptane::json_text
