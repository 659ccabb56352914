#include "core/wire/catalogue.h"

#include "core/wire/faults.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <format>
#include <set>

namespace pitstop::wire {
namespace {

using enum MessageType;
constexpr auto once = Qos::at_least_once;

// The row that stands first for a type is the one that topic_for takes when no source is named.
constexpr std::array rows = {
    CatalogueRow{wakeup, "WAKEUP", Entity::vehicle, "wake_up", once},
    CatalogueRow{vci_report, "VCI_REPORT", Entity::vehicle, "vci", once},
    CatalogueRow{ota_campaign_response, "OTA_CAMPAIGN_RESPONSE", Entity::vehicle, "response", once},
    CatalogueRow{readiness_response, "READINESS_RESPONSE", Entity::vehicle, "response", once},
    CatalogueRow{ota_status, "OTA_STATUS", Entity::vehicle, "ota/status", once},
    CatalogueRow{diagnostic_response, "DIAGNOSTIC_RESPONSE", Entity::vehicle, "diagnostics/response", once},
    CatalogueRow{telemetry, "TELEMETRY", Entity::vehicle, "telemetry", Qos::at_most_once},
    CatalogueRow{error, "ERROR", Entity::vehicle, "response", once},
    CatalogueRow{error, "ERROR", Entity::server, "command", once},
    CatalogueRow{request_vci, "REQUEST_VCI", Entity::server, "command", once},
    CatalogueRow{request_readiness, "REQUEST_READINESS", Entity::server, "command", once},
    CatalogueRow{command, "COMMAND", Entity::server, "command", once},
    CatalogueRow{command_ack, "COMMAND_ACK", Entity::server, "command", once},
    CatalogueRow{ota_campaign, "OTA_CAMPAIGN", Entity::server, "ota/campaign", once},
    CatalogueRow{ota_metadata, "OTA_METADATA", Entity::server, "ota/metadata", once},
    CatalogueRow{diagnostic_request, "DIAGNOSTIC_REQUEST", Entity::server, "diagnostics/request", once},
};

constexpr std::string_view topic_prefix = "oem/";

std::vector<std::string> filters(Entity source, std::string_view vehicle) {
    std::set<std::string> found;  // several types share a topic
    for (const CatalogueRow& row : rows)
        if (row.source == source) found.insert(std::format("{}{}/{}", topic_prefix, vehicle, row.suffix));
    return {found.begin(), found.end()};
}

}  // namespace

static_assert(std::variant_size_v<Message> == static_cast<std::size_t>(telemetry) + 1,
              "MessageType follows the variant's order");

MessageType type_of(const Message& message) { return static_cast<MessageType>(message.index()); }

std::string_view name_of(MessageType type) { return std::ranges::find(rows, type, &CatalogueRow::type)->name; }

const CatalogueRow* find_row(MessageType type, Entity source) {
    const auto found =
        std::ranges::find_if(rows, [=](const CatalogueRow& row) { return row.type == type && row.source == source; });
    return found == rows.end() ? nullptr : &*found;
}

std::span<const CatalogueRow> catalogue() { return rows; }

std::string topic_for(const Vin& vin, MessageType type, Entity source) {
    const CatalogueRow* row = find_row(type, source);
    assert(row && "this source never sends this type");
    return std::format("{}{}/{}", topic_prefix, vin.view(), row->suffix);
}

std::string topic_for(const Vin& vin, MessageType type) {
    return topic_for(vin, type, std::ranges::find(rows, type, &CatalogueRow::type)->source);
}

Result<TopicParts> split_topic(std::string_view topic) {
    const auto unknown = [topic] { return fail(faults::unknown_topic, std::format("'{:.80}'", topic)); };
    if (!topic.starts_with(topic_prefix)) return unknown();
    const std::string_view rest = topic.substr(topic_prefix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return unknown();
    TRY(const Vin vin, Vin::parse(rest.substr(0, slash)));
    const std::string_view suffix = rest.substr(slash + 1);
    if (std::ranges::find(rows, suffix, &CatalogueRow::suffix) == rows.end()) return unknown();
    return TopicParts{vin, suffix};
}

Result<Vin> vin_of_topic(std::string_view topic) {
    TRY(const TopicParts parts, split_topic(topic));
    return parts.vin;
}

std::vector<std::string> filters_for_server() { return filters(Entity::vehicle, "+"); }
std::vector<std::string> filters_for_vehicle(const Vin& vin) { return filters(Entity::server, vin.view()); }

}  // namespace pitstop::wire
