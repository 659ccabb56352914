// The one table of messages, used by both ends: type name, who sends it, on which topic, with which QoS (DESIGN §7).
#pragma once

#include "core/wire/messages.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace pitstop::wire {

// The order is that of the variant Message.
enum class MessageType : std::uint8_t {
    wakeup,
    vci_report,
    ota_campaign_response,
    readiness_response,
    ota_status,
    request_vci,
    ota_campaign,
    request_readiness,
    ota_metadata,
    command_ack,
    command,
    error,
    diagnostic_request,
    diagnostic_response,
    telemetry,
};
enum class Entity : std::uint8_t { vehicle, server };
enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1 };

inline constexpr std::string_view server_identifier = "pitstop-server";

struct CatalogueRow {
    MessageType type;
    std::string_view name;  // "WAKEUP"
    Entity source;
    std::string_view suffix;  // topic: oem/{vin}/{suffix}
    Qos qos;
};

[[nodiscard]] MessageType type_of(const Message& message);
[[nodiscard]] std::string_view name_of(MessageType type);
// The row by which this source sends this type; null when it may not.
[[nodiscard]] const CatalogueRow* find_row(MessageType type, Entity source);
[[nodiscard]] std::span<const CatalogueRow> catalogue();

// oem/{vin}/… for a message of this type from this source. The pair must stand in the catalogue.
[[nodiscard]] std::string topic_for(const Vin& vin, MessageType type, Entity source);
// The same where only one side sends the type; for ERROR, the vehicle's topic.
[[nodiscard]] std::string topic_for(const Vin& vin, MessageType type);

struct TopicParts {
    Vin vin;
    std::string_view suffix;  // into the topic that was given
};
[[nodiscard]] Result<TopicParts> split_topic(std::string_view topic);  // wire.unknown-topic, base.bad-vin
[[nodiscard]] Result<Vin> vin_of_topic(std::string_view topic);

// What to subscribe to: by the server for all vehicles ("oem/+/wake_up", …), by a vehicle for itself.
[[nodiscard]] std::vector<std::string> filters_for_server();
[[nodiscard]] std::vector<std::string> filters_for_vehicle(const Vin& vin);

}  // namespace pitstop::wire
