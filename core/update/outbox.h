// What the gateway still has to tell the server: kept until acknowledged, sent again at every connect and from time to
// time.
//
// Messages get their number and id here. Where a newer message says all that an older one said (a progress, an
// inventory), the older one is dropped, so a long silence costs little.
#pragma once

#include "core/update/state.h"
#include "core/wire/messages.h"

namespace pitstop::update {

inline constexpr std::size_t outbox_messages_max = 200;  // every step of 100 ECUs; beyond it the oldest gives way
inline constexpr std::int64_t send_again_after_s = 20;   // longer than a server's restart usually takes

// The number that the message being made will carry, for the sequence of a report.
[[nodiscard]] std::uint64_t next_number(const State& state);

// `replaces`: see Outgoing. Gives the id to be sent.
wire::MessageId put(State& state, const Vin& vin, wire::Message message, std::string replaces, UtcTime now);

void acknowledge(State& state, const wire::MessageId& id);

// Messages to send now, oldest first, and notes that they are: all of them, or those whose last sending is long ago.
enum class Which : std::uint8_t { all, overdue };
[[nodiscard]] std::vector<wire::MessageId> take_for_sending(State& state, Which which, UtcTime now);

}  // namespace pitstop::update
