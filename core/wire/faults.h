// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::wire::faults {

inline constexpr Fault unknown_topic{"wire.unknown-topic", Remedy::refuse,
                                     "A message came on a topic that no message type uses.",
                                     "Use the topics of docs/formats/messages.md: oem/{vin}/…"};
inline constexpr Fault unknown_type{"wire.unknown-type", Remedy::refuse, "A message has a type that does not exist.",
                                    "Use the message types of docs/formats/messages.md."};
inline constexpr Fault wrong_direction{
    "wire.wrong-direction", Remedy::refuse, "A message came on a topic where its type does not belong.",
    "Send vehicle messages on the vehicle's topics and server messages on the server's."};
inline constexpr Fault wrong_source{"wire.wrong-source", Remedy::distrust,
                                    "A message names another source than the topic it came on.",
                                    "A vehicle may only speak for itself; look at who sent this."};
inline constexpr Fault bad_message_id{"wire.bad-message-id", Remedy::refuse, "A message id is not a UUID.",
                                      "Use a UUID in lower-case text form (RFC 9562)."};
inline constexpr Fault bad_payload{"wire.bad-payload", Remedy::refuse, "A message's payload contradicts itself.",
                                   "The detail names the member; correct the sender."};

}  // namespace pitstop::wire::faults
