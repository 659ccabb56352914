// The flat form in which older vehicles speak: {"msg_type": "vehicle_wake_up", "timestamp", "vehicle": {"vin": …},
// members of the payload…}.
//
// Input only, vehicle → server only. The timestamp may be ISO 8601 or seconds since 1970. A message without
// "message_id" gets one derived from its bytes, so that a repetition has one effect.
#pragma once

#include "core/wire/envelope.h"

namespace pitstop::wire {

[[nodiscard]] bool is_flat_form(const json::Object& message);
// bytes: the same message as received, for the derived id. wire.unknown-type, wire.wrong-direction, wire.wrong-source,
// base.*
[[nodiscard]] Result<Envelope> from_flat_form(const json::Object& message, View bytes, const TopicParts& topic);

}  // namespace pitstop::wire
