// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::doip::faults {

inline constexpr Fault not_doip{
    "doip.not-doip", Remedy::retry, "The other side sent something that is not DoIP.",
    "Check the address and port, and that the other side speaks ISO 13400-2 version 2 or 3."};
inline constexpr Fault malformed{"doip.malformed", Remedy::retry,
                                 "A DoIP message has a length that its type does not allow.",
                                 "Report it to the maker of the other side."};
inline constexpr Fault header_refused{"doip.header-refused", Remedy::refuse,
                                      "A DoIP entity refused the form of our message.",
                                      "The detail names the code of ISO 13400-2 table 19."};
inline constexpr Fault activation_refused{
    "doip.activation-refused", Remedy::refuse, "A DoIP entity refuses to route for this tester.",
    "The detail names the code; check the tester's address and what the entity permits."};
inline constexpr Fault tls_required{"doip.tls-required", Remedy::refuse,
                                    "A DoIP entity routes only for testers that come over TLS.",
                                    "Give the tester its `tls` settings and the entity's TLS port."};
inline constexpr Fault entity_busy{
    "doip.entity-busy", Remedy::retry,
    "A DoIP entity has no connection left for this tester, or thinks that it is still connected.",
    "Close other testers; then try again. A gateway does so by itself."};
inline constexpr Fault unknown_target{
    "doip.unknown-target", Remedy::refuse, "A DoIP entity does not know the ECU's address.",
    "Compare the gateway's description of the vehicle with the zone's configuration."};
inline constexpr Fault message_too_large{"doip.message-too-large", Remedy::refuse,
                                         "A diagnostic message is longer than the way to the ECU can carry.",
                                         "Use smaller blocks for this ECU."};
inline constexpr Fault not_acknowledged{
    "doip.not-acknowledged", Remedy::retry, "A DoIP entity did not acknowledge a diagnostic message in time.",
    "Check the load of the entity and the line to it; then ask again. A gateway does so by itself."};
inline constexpr Fault unreachable{
    "doip.unreachable", Remedy::retry, "A DoIP entity cannot reach the ECU now.",
    "Check the bus behind the entity and the ECU's power; then ask again. A gateway does so by itself."};
inline constexpr Fault not_delivered{
    "doip.not-delivered", Remedy::retry, "A DoIP entity could not pass on a diagnostic message.",
    "The detail names the code of ISO 13400-2 table 26; ask again. A gateway does so by itself."};

}  // namespace pitstop::doip::faults
