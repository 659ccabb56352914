#include "core/wire/flat_form.h"

#include "core/wire/faults.h"
#include "core/wire/payloads.h"

#include <format>

namespace pitstop::wire {
namespace {

constexpr std::uint64_t epoch_s_max =
    253'402'300'799;  // 9999-12-31T23:59:59Z, the last that ISO 8601 writes with four digits

struct FlatRow {
    std::string_view msg_type;
    MessageType type;
};
constexpr std::array flat_rows = {
    FlatRow{"vehicle_wake_up", MessageType::wakeup},
    FlatRow{"vci_report", MessageType::vci_report},
    FlatRow{"ota_status", MessageType::ota_status},
};

Result<UtcTime> time_of(const json::Object& message) {
    const json::Value* value = message.if_contains("timestamp");
    if (!value || value->is_string()) return json::time(message, "timestamp");
    TRY(const std::uint64_t seconds, json::number(message, "timestamp", epoch_s_max));
    return UtcTime{static_cast<std::int64_t>(seconds)};
}

// Older vehicles know no boot ids and put VIN and time outside: what the payload of today has, is filled in from there.
json::Object payload_of_today(const json::Object& message, const FlatRow& row, const Envelope& envelope) {
    json::Object payload = message;
    if (row.type == MessageType::wakeup) {
        if (!json::has(payload, "boot_id")) payload["boot_id"] = envelope.id.view();
        if (!json::has(payload, "boot_seq")) payload["boot_seq"] = 0;
    }
    if (row.type == MessageType::vci_report) {
        payload["vin"] = envelope.vin.view();
        payload["time"] = envelope.timestamp.str();
    }
    return payload;
}

}  // namespace

bool is_flat_form(const json::Object& message) {
    return message.contains("msg_type") && !message.contains("message_type");
}

Result<Envelope> from_flat_form(const json::Object& message, View bytes, const TopicParts& topic) {
    TRY(const std::string msg_type, json::string(message, "msg_type"));
    const auto row = std::ranges::find(flat_rows, msg_type, &FlatRow::msg_type);
    if (row == flat_rows.end()) return fail(faults::unknown_type, std::format("'{:.40}'", msg_type));
    if (find_row(row->type, Entity::vehicle)->suffix != topic.suffix)
        return fail(faults::wrong_direction, std::format("{} does not belong on …/{}", msg_type, topic.suffix));
    TRY(const json::Object* named, json::object(message, "vehicle"));
    TRY(const Vin vin, json::id<Vin>(*named, "vin"));
    if (vin != topic.vin)
        return fail(faults::wrong_source,
                    std::format("it speaks for {}, the topic belongs to {}", vin.view(), topic.vin.view()));
    TRY(const UtcTime timestamp, time_of(message));
    MessageId id = MessageId::derived(bytes);
    if (json::has(message, "message_id")) {
        TRY(id, json::id<MessageId>(message, "message_id"));
    }
    Envelope envelope{id, std::nullopt, timestamp, Entity::vehicle, vin, Telemetry{}};
    TRY(envelope.message, message_from(row->type, payload_of_today(message, *row, envelope)));
    return envelope;
}

}  // namespace pitstop::wire
