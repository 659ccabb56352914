// Who is there? The UDP half of a DoIP entity: ISO 13400-2:2019 tables 1 to 11. Pure: one datagram in, at most one
// out.
#pragma once

#include "core/doip/payloads.h"

#include <optional>

namespace pitstop::doip {

struct DiscoveryState {
    Identity identity;
    Status status;
    PowerMode power_mode = PowerMode::ready;
};

// Identification requests that ask for somebody else are not answered; nor are answers, whoever sends them (no loops).
[[nodiscard]] std::optional<Packet> answer_datagram(View datagram, const DiscoveryState& state);

// For testers: the announcement in a datagram, if it is one.
[[nodiscard]] std::optional<Announcement> read_announcement(View datagram);
[[nodiscard]] Packet identification_request(std::uint8_t version);

}  // namespace pitstop::doip
