#include "core/update/outbox.h"

#include "core/wire/envelope.h"

#include <algorithm>
#include <format>

namespace pitstop::update {

std::uint64_t next_number(const State& state) { return state.next_number; }

wire::MessageId put(State& state, const Vin& vin, wire::Message message, std::string replaces, UtcTime now) {
    // The number never repeats for this vehicle, so the id is as unique as a random one, and core needs no randomness.
    const std::string unique = std::format("{}/{}", vin.view(), state.next_number++);
    const wire::Envelope envelope{
        wire::MessageId::derived(view_of(unique)), std::nullopt, now, wire::Entity::vehicle, vin, std::move(message)};
    if (!replaces.empty()) std::erase_if(state.outbox, [&](const Outgoing& old) { return old.replaces == replaces; });
    if (state.outbox.size() >= outbox_messages_max) state.outbox.erase(state.outbox.begin());
    state.outbox.push_back({.id = envelope.id,
                            .topic = envelope.topic(),
                            .text = std::string(text_of(wire::to_bytes(envelope))),
                            .qos = wire::find_row(envelope.type(), envelope.source)->qos,
                            .replaces = std::move(replaces),
                            .sent_at = now});
    return envelope.id;
}

void acknowledge(State& state, const wire::MessageId& id) {
    std::erase_if(state.outbox, [&id](const Outgoing& message) { return message.id == id; });
}

std::vector<wire::MessageId> take_for_sending(State& state, Which which, UtcTime now) {
    std::vector<wire::MessageId> ids;
    for (Outgoing& message : state.outbox) {
        if (which == Which::overdue && now.seconds - message.sent_at.seconds < send_again_after_s) continue;
        message.sent_at = now;
        ids.push_back(message.id);
    }
    return ids;
}

}  // namespace pitstop::update
