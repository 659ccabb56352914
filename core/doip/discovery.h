// Who is there? The UDP half of DoIP: ISO 13400-2:2019 tables 1 to 11. Pure: one datagram in, at most one out.
#pragma once

#include "core/doip/payloads.h"

#include <chrono>
#include <optional>
#include <variant>

namespace pitstop::doip {

// Table 12: an entity that has got its IP address waits a random time, then announces itself three times.
inline constexpr int announcements = 3;                             // A_DoIP_Announce_Num
inline constexpr std::chrono::milliseconds announce_interval{500};  // A_DoIP_Announce_Interval
inline constexpr std::chrono::milliseconds announce_wait_max{500};  // A_DoIP_Announce_Wait: 0 to this

struct DiscoveryState {
    Identity identity;
    Status status;
    PowerMode power_mode = PowerMode::ready;
    FurtherAction further_action = FurtherAction::none;
    Synchronisation synchronisation = Synchronisation::complete;
};

// Identification requests that ask for somebody else are not answered; nor are answers, whoever sends them (no loops).
[[nodiscard]] std::optional<Packet> answer_datagram(View datagram, const DiscoveryState& state);
[[nodiscard]] Packet announcement(const DiscoveryState& state, std::uint8_t version = version_2019);

// --- for testers
[[nodiscard]] Packet identification_request(std::uint8_t version = version_any);
[[nodiscard]] Packet identification_request(const std::array<std::uint8_t, 6>& eid);
[[nodiscard]] Packet identification_request(const std::array<char, 17>& vin);
[[nodiscard]] Packet status_request(std::uint8_t version = version_2019);
[[nodiscard]] Packet power_mode_request(std::uint8_t version = version_2019);

// What an entity said; nothing when the datagram is no answer of an entity.
using UdpAnswer = std::variant<Announcement, Status, PowerMode, HeaderNack>;
[[nodiscard]] std::optional<UdpAnswer> read_answer(View datagram);
[[nodiscard]] std::optional<Announcement> read_announcement(View datagram);

}  // namespace pitstop::doip
