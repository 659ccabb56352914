// For parsers of JSON objects: what was accepted means the same after it was written and read again.
#pragma once

#include "core/base/json.h"
#include "fuzz/property.h"

#include <boost/json/serialize.hpp>
#include <optional>

namespace pitstop::fuzz {

inline constexpr std::size_t document_size_bytes_max = 256 * 1024;  // as the largest message that is taken

// `read` takes a json::Object; its room's to_json goes the other way. The value, for more promises about it.
template <class Read>
auto read_and_round_trip(View input, Read read) -> std::optional<std::remove_cvref_t<decltype(*read({}))>> {
    const auto document = json::parse(input, document_size_bytes_max);
    if (!document || !document->is_object()) return std::nullopt;
    const auto value = read(document->get_object());
    must_repeat(value, read(document->get_object()));
    if (!value) return std::nullopt;
    const std::string written = boost::json::serialize(to_json(*value));
    const auto reread = must_have(json::parse(view_of(written), 8 * document_size_bytes_max), "what we write is JSON");
    must(must_have(read(reread.as_object()), "what we write can be read") == *value, "it means the same again");
    return *value;
}

}  // namespace pitstop::fuzz
