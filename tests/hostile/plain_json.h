// JSON read and written a second time, by hand, for the oracle: what RFC 8259 says and core/base/json.h adds (no
// duplicate members, depth at most 32, names of at most 1024 bytes). Slow and simple on purpose.
#pragma once

#include <boost/json/value.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pitstop::hostile {

struct NotJson : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[nodiscard]] boost::json::value read_json(std::string_view text);  // throws NotJson

// Canonical JSON (OLPC): what signatures cover. Floats have no such form; they are written as somebody might.
[[nodiscard]] std::string canonical(const boost::json::value& value);
[[nodiscard]] bool has_float(const boost::json::value& value);

}  // namespace pitstop::hostile
