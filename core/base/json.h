// Strict JSON: what foreign bytes must be before anybody reads a member of them. Not part of the ECU profile.
//
// No duplicate members, depth at most 32, valid UTF-8, nothing after the value, a size cap that is checked before
// parsing. Canonical JSON after OLPC (http://wiki.laptop.org/go/Canonical_JSON): what signatures cover.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

inline constexpr std::size_t depth_max = 32;

// base.bad-json, with the byte offset in the detail.
[[nodiscard]] Result<Value> parse(View bytes, std::size_t size_bytes_max);

// Members sorted by bytes, no white space, only '"' and '\' escaped. base.wrong-type for floats.
[[nodiscard]] Result<std::string> canonical(const Value& value);

// The same, but a JSON text again: control characters are escaped. With its escapes resolved it is the canonical form.
[[nodiscard]] Result<std::string> sorted(const Value& value);

// Readers of members: base.missing-member or base.wrong-type, naming the member.
[[nodiscard]] Result<const Object*> as_object(const Value& value, std::string_view what);
[[nodiscard]] Result<const Object*> object(const Object& from, std::string_view name);
[[nodiscard]] Result<const Array*> array(const Object& from, std::string_view name);
[[nodiscard]] Result<std::string> string(const Object& from, std::string_view name);
[[nodiscard]] Result<std::uint64_t> number(const Object& from, std::string_view name, std::uint64_t max);
[[nodiscard]] Result<bool> boolean(const Object& from, std::string_view name);
[[nodiscard]] Result<UtcTime> time(const Object& from, std::string_view name);
[[nodiscard]] Result<Sha256Digest> sha256(const Object& from, std::string_view name);
[[nodiscard]] bool has(const Object& from, std::string_view name);  // there, and not null

// A member whose text a parsed type accepts: id<Vin>(object, "vin").
template <class Id>
[[nodiscard]] Result<Id> id(const Object& from, std::string_view name) {
    TRY(auto text, string(from, name));
    return Id::parse(text);
}

}  // namespace pitstop::json
