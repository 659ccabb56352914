#include "core/wire/envelope.h"

#include "core/vehicle/limits.h"
#include "core/wire/faults.h"
#include "core/wire/flat_form.h"
#include "core/wire/payloads.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::wire {
namespace {

json::Object party(Entity entity, const Vin& vin) {
    const bool is_vehicle = entity == Entity::vehicle;
    return {{"entity", is_vehicle ? "vehicle" : "server"}, {"identifier", is_vehicle ? vin.view() : server_identifier}};
}

Entity other(Entity entity) { return entity == Entity::vehicle ? Entity::server : Entity::vehicle; }

// The side that may use this topic, and the type on it.
Result<const CatalogueRow*> row_for(std::string_view name, std::string_view suffix) {
    bool known = false;
    for (const CatalogueRow& row : catalogue()) {
        if (row.name != name) continue;
        known = true;
        if (row.suffix == suffix) return &row;
    }
    if (!known) return fail(faults::unknown_type, std::format("'{:.40}'", name));
    return fail(faults::wrong_direction, std::format("{} does not belong on …/{}", name, suffix));
}

// source and target must be exactly what topic and type say.
Result<void> check_party(const json::Object& from, std::string_view member, Entity entity, const Vin& vin) {
    TRY(const json::Object* named, json::object(from, member));
    TRY(const std::string entity_name, json::string(*named, "entity"));
    TRY(const std::string identifier, json::string(*named, "identifier"));
    const json::Object right = party(entity, vin);
    if (entity_name != right.at("entity").as_string() || identifier != right.at("identifier").as_string())
        return fail(faults::wrong_source, std::format("{} is {:.20} '{:.40}', the topic belongs to {}", member,
                                                      entity_name, identifier, vin.view()));
    return {};
}

Result<Envelope> from_envelope(const json::Object& from, const TopicParts& topic) {
    TRY(const std::string name, json::string(from, "message_type"));
    TRY(const CatalogueRow* row, row_for(name, topic.suffix));
    TRY(const MessageId id, json::id<MessageId>(from, "message_id"));
    std::optional<MessageId> correlation;
    if (json::has(from, "correlation_id")) {
        TRY(correlation, json::id<MessageId>(from, "correlation_id"));
    }
    TRY(const UtcTime timestamp, json::time(from, "timestamp"));
    ENSURE(check_party(from, "source", row->source, topic.vin));
    if (json::has(from, "target")) ENSURE(check_party(from, "target", other(row->source), topic.vin));
    TRY(const json::Object* payload, json::object(from, "payload"));
    TRY(Message message, message_from(row->type, *payload));
    return Envelope{id, correlation, timestamp, row->source, topic.vin, std::move(message)};
}

// A payload that names a vehicle must name this one.
Result<void> check_inner_vin(const Envelope& envelope) {
    const auto* report = std::get_if<VciReport>(&envelope.message);
    if (report && report->inventory.vin != envelope.vin)
        return fail(faults::wrong_source, std::format("the inventory is of {}, the topic belongs to {}",
                                                      report->inventory.vin.view(), envelope.vin.view()));
    return {};
}

}  // namespace

Bytes to_bytes(const Envelope& envelope) {
    const json::Object object{
        {"message_type", name_of(envelope.type())},
        {"message_id", envelope.id.view()},
        {"correlation_id", envelope.correlation ? json::Value(envelope.correlation->view()) : json::Value(nullptr)},
        {"timestamp", envelope.timestamp.str()},
        {"source", party(envelope.source, envelope.vin)},
        {"target", party(other(envelope.source), envelope.vin)},
        {"payload", payload_of(envelope.message)},
        {"metadata", json::Object{{"protocol_version", protocol_version}}},
    };
    const std::string text = boost::json::serialize(object);
    return Bytes(text.begin(), text.end());
}

Result<Envelope> from_bytes(View bytes, std::string_view topic) {
    TRY(const TopicParts parts, split_topic(topic));
    TRY(const json::Value value, json::parse(bytes, message_size_bytes_max));
    TRY(const json::Object* object, json::as_object(value, "a message"));
    TRY(Envelope envelope,
        is_flat_form(*object) ? from_flat_form(*object, bytes, parts) : from_envelope(*object, parts));
    ENSURE(check_inner_vin(envelope));
    return envelope;
}

}  // namespace pitstop::wire
