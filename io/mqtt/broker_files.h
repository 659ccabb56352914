// The texts that configure Mosquitto 2.0 (mosquitto.conf(5)), as pure functions. For the .cpp files of this room and
// their test.
#pragma once

#include "io/mqtt/broker.h"

#include <string>
#include <string_view>

namespace pitstop::io::mqtt {

// Who may watch all topics and say nothing: for a person who looks on with mosquitto_sub.
inline constexpr std::string_view observer_identifier = "pitstop-observer";

// user: the system user that the broker runs as (ours: it must read our private key).
[[nodiscard]] std::string broker_configuration(const BrokerSettings& settings, std::string_view user);

// From the catalogue of messages: `%u` is the certificate's common name, the vehicle's VIN.
[[nodiscard]] std::string access_list();

}  // namespace pitstop::io::mqtt
