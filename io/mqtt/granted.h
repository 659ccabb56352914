// What a broker's reason codes mean to us (MQTT 5.0 §2.4). For the .cpp files of this room and their test.
#pragma once

#include "core/base/result.h"
#include "io/mqtt/client.h"

#include <cstdint>
#include <string_view>

namespace pitstop::io::mqtt {

// SUBACK: mqtt.subscribe-refused, or mqtt.granted-less when QoS 1 became QoS 0.
[[nodiscard]] Result<void> check_granted(Qos asked, std::uint8_t reason, std::string_view filter,
                                         std::string_view reason_text);

}  // namespace pitstop::io::mqtt
