// Payloads to and from JSON, one pair of functions a message type. Used by the envelope; nobody else needs it.
#pragma once

#include "core/wire/catalogue.h"

namespace pitstop::wire {

[[nodiscard]] json::Object payload_of(const Message& message);
[[nodiscard]] Result<Message> message_from(MessageType type, const json::Object& payload);

}  // namespace pitstop::wire
