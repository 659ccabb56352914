#include "core/uptane/delivery.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <array>
#include <limits>

namespace pitstop::uptane {

bool tells_of_delivery(std::string_view fault_code) {
    constexpr std::array<std::string_view, 6> beginnings{
        "compress.", "delta.", "seal.", "package.cannot-open", "package.wrong-image-size", "flash.wrong-digest"};
    return std::ranges::any_of(beginnings, [&](std::string_view it) { return fault_code.starts_with(it); });
}

json::Object to_json(const Delivery& delivery) {
    json::Object object{
        {"form", delivery.form.str()}, {"length", delivery.length_bytes}, {"sha256", to_hex(delivery.sha256)}};
    if (delivery.base) object["base"] = to_hex(*delivery.base);
    return object;
}

Result<Delivery> delivery_from_json(const json::Object& from) {
    Delivery delivery;
    TRY(delivery.form, json::id<Form>(from, "form"));
    if (delivery.form.is_plain())
        return fail(faults::bad_member, "a delivery of the plain image is said by no delivery");
    TRY(delivery.length_bytes, json::number(from, "length", std::numeric_limits<std::uint32_t>::max()));
    if (delivery.length_bytes == 0) return fail(faults::bad_member, "'length' of a delivery is 0");
    TRY(delivery.sha256, json::sha256(from, "sha256"));
    if (from.contains("base") != (delivery.form.encoding == Encoding::delta))
        return fail(faults::bad_member, "'base' belongs to a delta, and every delta has one");
    if (from.contains("base")) {
        TRY(delivery.base, json::sha256(from, "base"));
    }
    return delivery;
}

}  // namespace pitstop::uptane
