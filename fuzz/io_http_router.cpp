// io/http: paths, percent escapes and routes. Input: "METHOD /path" in the first line, then any text to encode.
#include "fuzz/property.h"
#include "io/http/faults.h"
#include "io/http/router.h"

#include <string>

using namespace pitstop;
using namespace pitstop::io::http;
using fuzz::must;

namespace {

Router make_router() {
    const auto answer = [](Request&) -> boost::asio::awaitable<Response> { co_return empty(); };
    Router router;
    for (const std::string_view pattern :
         {"/", "/health", "/api/v1/vehicles", "/api/v1/vehicles/{vin}", "/api/v1/campaigns/{id}/deploy",
          "/packages/{id}/full_package.bin", "/repo/{file*}"})
        fuzz::must_have(router.add("GET", pattern, answer), "the routes of this harness are well-formed");
    fuzz::must_have(router.add("POST", "/api/v1/vehicles/{vin}", answer), "also this one");
    return router;
}

void check_decoding(std::string_view text) {
    for (const Plus plus : {Plus::is_plus, Plus::is_space}) {
        const auto decoded = percent_decoded(text, plus);
        if (!decoded) continue;
        must(decoded->size() <= text.size(), "decoding never makes more");
        must(text.contains('\0') || !decoded->contains('\0'), "no NUL comes out of an escape");
    }
    const std::string encoded = percent_encoded(text);
    must(encoded.size() <= 3 * text.size(), "three characters a byte at most");
    must(std::ranges::none_of(encoded, [](char c) { return c <= ' ' || c == '/' || c == '?' || c == '#' || c == '&'; }),
         "an encoded text is one word of one segment");
    if (!text.contains('\0')) must(percent_decoded(encoded, Plus::is_space) == text, "and comes back as it was");
}

void check_route(const Router& router, std::string_view line) {
    const std::size_t space = std::min(line.find(' '), line.size());
    Request request;
    request.method = line.substr(0, space);
    request.path = space == line.size() ? std::string() : line.substr(space + 1);
    const auto route = router.find(request);
    const std::string allowed = router.allowed_methods(request.path);
    if (!route) {
        must(route.error().is(faults::no_such_resource) == allowed.empty() || route.error().is(faults::bad_request),
             "where no method is allowed there is nothing");
        return;
    }
    must(allowed.contains((*route)->method), "a route that was found is allowed");
    for (const auto& [name, value] : request.parameters) {
        must(!value.contains('\0') || request.path.contains('\0'), "no NUL in a parameter");
        must(value.size() <= request.path.size(), "a parameter is a part of the path");
        must(name == "file" || !value.empty(), "and is not empty");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Router router = make_router();
    const auto [line, text] = fuzz::titled({data, size});
    check_route(router, line);
    check_decoding(text_of(text));
    check_decoding(line);
    return 0;
}
