// In which form one vehicle fetches an image, where that is not the image itself: the Director's word about the bytes
// as they are stored (Uptane 2.1.0 #custom_metadata: what a repository adds to a target).
//
// The image that comes out is judged by the target's own length and hashes, which both repositories sign. A delivery
// only says what is carried, so that whoever carries it needs to believe nobody else. Written in custom.delivery as
// {"form", "length", "sha256", "base"?}; no delivery means the plain image.
// Faults: base.bad-form, missing-member, wrong-type …; uptane.bad-member.
#pragma once

#include "core/base/bytes.h"
#include "core/base/form.h"
#include "core/base/json.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace pitstop::uptane {

struct Delivery {
    Form form;                              // never plain
    std::uint64_t length_bytes = 0;         // of the payload as it is fetched; 1 to 2^32 - 1
    Sha256Digest sha256{};                  // of the same
    std::optional<Sha256Digest> base = {};  // of the image that a delta starts from: there for a delta, and only then
    bool operator==(const Delivery&) const = default;
};

// Whether a fault of this code, met while an image that came in another form was staged, may come from that: the image
// as it is will do. Also a wrong digest at the end: the base of a delta may have rotted.
[[nodiscard]] bool tells_of_delivery(std::string_view fault_code);

[[nodiscard]] json::Object to_json(const Delivery& delivery);
[[nodiscard]] Result<Delivery> delivery_from_json(const json::Object& from);

}  // namespace pitstop::uptane
