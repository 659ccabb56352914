// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::mqtt::faults {

inline constexpr Fault connection_lost{
    "mqtt.connection-lost", Remedy::retry, "There is no connection to the broker.",
    "It is tried again with growing pauses; the detail says what the last attempt met."};
inline constexpr Fault connection_refused{"mqtt.connection-refused", Remedy::retry,
                                          "The broker answers, and refuses this client.",
                                          "Compare both sides' certificates, profiles and limits; it is tried again."};
inline constexpr Fault publish_refused{
    "mqtt.publish-refused", Remedy::refuse, "The broker refused a message.",
    "The detail gives the broker's reason; for `Not authorized`, look at the access list."};
inline constexpr Fault subscribe_refused{"mqtt.subscribe-refused", Remedy::refuse, "The broker refused a subscription.",
                                         "The detail gives the broker's reason and the topic filter."};
inline constexpr Fault granted_less{"mqtt.granted-less", Remedy::refuse,
                                    "The broker would deliver with a lower quality than was asked for.",
                                    "Messages could be lost unnoticed: allow QoS 1 on the broker."};
inline constexpr Fault too_late{"mqtt.too-late", Remedy::retry, "The broker did not confirm a message in time.",
                                "Nothing: what matters is said again."};
inline constexpr Fault outbox_full{"mqtt.outbox-full", Remedy::retry,
                                   "Too many messages wait for the broker's confirmation.",
                                   "See whether the broker can be reached and keeps up."};
inline constexpr Fault closed{"mqtt.closed", Remedy::stop, "The MQTT client was closed while it was in use.",
                              "This is a defect of the program's order of stopping; report it."};

inline constexpr Fault broker_missing{
    "mqtt.broker-missing", Remedy::stop, "The MQTT broker `mosquitto` is not installed.",
    "Install it (Debian: apt install mosquitto), or configure a broker elsewhere by its address."};
inline constexpr Fault port_taken{"mqtt.port-taken", Remedy::stop,
                                  "Another program uses the port meant for the MQTT broker.",
                                  "Stop the other program (ss -ltnp shows it), or choose another port."};
inline constexpr Fault broker_not_ready{"mqtt.broker-not-ready", Remedy::stop,
                                        "The MQTT broker was started and does not serve.",
                                        "The detail gives its last words; its log lies beside its configuration."};

}  // namespace pitstop::io::mqtt::faults
