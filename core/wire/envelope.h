// The envelope around every message, and the way to and from bytes.
//
// {"message_type", "message_id" (UUID), "correlation_id" (UUID or null), "timestamp" (ISO 8601 UTC), "source":
// {"entity", "identifier"},
//  "target": {…}, "payload": {…}, "metadata": {"protocol_version": "1.0"}}
//
// `from_bytes` takes the topic as well, because what a broker lets through is decided by topic: the VIN in it must be
// the source's (or the target's), and the type must belong on it. It never guesses. Members it does not know are
// ignored, so that a newer sender can add some. The flat form of older vehicles is accepted through the table in
// wire/flat_form.h.
//
// Faults: wire.*, base.*, vehicle.*, campaign.*; wire.wrong-source is distrust, all others refuse.
#pragma once

#include "core/base/time.h"
#include "core/wire/catalogue.h"
#include "core/wire/messages.h"

#include <optional>
#include <string>

namespace pitstop::wire {

inline constexpr std::size_t message_size_bytes_max =
    256 * 1024;  // a VCI report of 100 ECUs with the longest texts, twice over
inline constexpr std::string_view protocol_version = "1.0";

struct Envelope {
    MessageId id;
    std::optional<MessageId> correlation;  // the message that this one answers
    UtcTime timestamp;
    Entity source;
    Vin vin;  // the vehicle that speaks or is spoken to
    Message message;

    [[nodiscard]] MessageType type() const { return type_of(message); }
    [[nodiscard]] std::string topic() const { return topic_for(vin, type(), source); }
    bool operator==(const Envelope&) const = default;
};

[[nodiscard]] Bytes to_bytes(const Envelope& envelope);
[[nodiscard]] Result<Envelope> from_bytes(View bytes, std::string_view topic);

}  // namespace pitstop::wire
