// io/http: ranges and conditions. Input: a size in the first line, then header fields, "Name: value" a line.
#include "fuzz/property.h"
#include "io/http/range.h"

#include <charconv>

using namespace pitstop;
using namespace pitstop::io::http;
using fuzz::must;

namespace {

constexpr std::string_view etag = "3b7c";

Headers headers_from(View text) {
    Headers headers;
    while (!text.empty() && headers.size() < 16) {
        const auto [line, rest] = fuzz::titled(text);
        const std::size_t colon = std::min(line.find(": "), line.size());
        headers.add(line.substr(0, colon), colon == line.size() ? std::string_view() : line.substr(colon + 2));
        text = rest;
    }
    return headers;
}

void check_content_range(std::string_view field) {
    if (const auto range = parse_content_range(field))
        must(range->first <= range->last && range->last < range->size, "a range lies inside its file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [line, text] = fuzz::titled({data, size});
    std::uint64_t size_bytes = 0;
    std::from_chars(line.data(), line.data() + line.size(), size_bytes);
    const Headers headers = headers_from(text);
    for (const std::string_view tag : {etag, std::string_view()}) {
        const FileAnswer answer = choose_bytes(headers, size_bytes, tag);
        must(answer.first <= size_bytes && answer.count <= size_bytes - answer.first, "never a byte that is not there");
        if (answer.status == 200) must(answer.count == size_bytes, "200 is the whole");
        if (answer.status == 206) must(answer.count >= 1, "206 is at least a byte");
        if (answer.status == 304 || answer.status == 416) must(answer.count == 0, "304 and 416 carry nothing");
        must(answer.status == 200 || answer.status == 206 || answer.status == 304 || answer.status == 416,
             "no other answer");
        must(answer.status != 304 || !tag.empty(), "without a tag nothing is unchanged");
    }
    for (const auto& field : headers) check_content_range(field.value);
    return 0;
}
