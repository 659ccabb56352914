// What the Director directs, as testers and ECUs speak of it.
#pragma once

#include "core/flash/zone_work.h"
#include "core/uptane/match.h"

namespace pitstop::flash {

[[nodiscard]] ImageRecord record_of(const uptane::TrustedTarget& target);
// What travels: the delivery's payload, or the image itself.
[[nodiscard]] Form form_of(const uptane::TrustedTarget& target);
[[nodiscard]] StoredBytes payload_of(const uptane::TrustedTarget& target);

// Whether the order is to bring exactly this image, in exactly this payload.
[[nodiscard]] bool directs(const uptane::TrustedTarget& target, const ZoneOrder& order);

}  // namespace pitstop::flash
