// core/base: strict JSON and its canonical form, which signatures cover.
#include "core/base/json.h"
#include "core/base/faults.h"
#include "fuzz/property.h"

#include <boost/json/serialize.hpp>

using namespace pitstop;
using fuzz::must;
using fuzz::must_have;

namespace {

constexpr std::size_t any_size = 1 << 20;

std::size_t depth_of(const json::Value& value) {
    if (!value.is_structured()) return 0;
    std::size_t deepest = 0;
    if (const auto* list = value.if_array())
        for (const auto& item : *list) deepest = std::max(deepest, depth_of(item));
    if (const auto* object = value.if_object())
        for (const auto& member : *object) deepest = std::max(deepest, depth_of(member.value()));
    return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto value = json::parse(input, any_size);
    fuzz::must_repeat(value, json::parse(input, any_size));
    if (!value) return 0;
    must(depth_of(*value) <= json::depth_max, "nothing is nested more deeply than allowed");
    must(!json::parse(input, size - 1), "a text above the cap is refused, whatever it says");

    const std::string written = boost::json::serialize(*value);
    const auto again = must_have(json::parse(view_of(written), any_size), "what was accepted can be said again");
    must(again == *value, "and means the same");

    const auto canonical = json::canonical(*value);
    if (!canonical) {
        must(canonical.error().is(faults::wrong_type), "only floats have no canonical form");
        return 0;
    }
    must(json::canonical(again) == *canonical, "one value has one canonical form");
    return 0;
}
