// Which bytes of a file a GET or HEAD is answered with (RFC 9110 sections 13 and 14). Single ranges only: a list of
// ranges is answered with the whole file, as section 14.2 allows.
#pragma once

#include "io/http/message.h"

#include <cstdint>

namespace pitstop::io::http {

struct FileAnswer {
    unsigned status = 200;    // 200, 206, 304 or 416
    std::uint64_t first = 0;  // within the region
    std::uint64_t count = 0;  // bytes to send; 0 for 304 and 416
};

// `size_bytes`: of the region. `etag`: without quotes, empty if it has none; then If-Range never matches.
[[nodiscard]] FileAnswer choose_bytes(const Headers& request, std::uint64_t size_bytes, std::string_view etag);

// "bytes 5-9/10" for a client: where an answer's bytes belong. Nothing if it is malformed, or the size is not told
// ("*").
struct ContentRange {
    std::uint64_t first, last, size;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view field);
[[nodiscard]] std::optional<std::uint64_t> parse_unsatisfied_size(std::string_view field);  // "bytes */10"

}  // namespace pitstop::io::http
