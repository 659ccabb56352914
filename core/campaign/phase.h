// The life of one vehicle's update: assigned → notified → accepted → downloading → downloaded → installing → installed
// → activated → verified, or declined, waiting, failed, rolled_back, cancelled. The same names travel in messages, REST
// and the store.
#pragma once

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace pitstop::campaign {

enum class Phase : std::uint8_t {
    assigned,
    notified,
    accepted,
    downloading,
    downloaded,
    installing,
    installed,
    activated,
    verified,
    waiting,
    declined,
    failed,
    rolled_back,
    cancelled,
};
inline constexpr std::array<std::string_view, 14> phase_names = {
    "assigned",  "notified", "accepted", "downloading", "downloaded", "installing",  "installed",
    "activated", "verified", "waiting",  "declined",    "failed",     "rolled_back", "cancelled"};
inline constexpr std::size_t phase_count = phase_names.size();

[[nodiscard]] constexpr std::string_view to_string(Phase phase) { return phase_names[static_cast<std::size_t>(phase)]; }
[[nodiscard]] Result<Phase> phase_from(std::string_view text);  // campaign.unknown-phase

// On the straight way from assigned to verified: only these have an order.
[[nodiscard]] constexpr bool on_the_way(Phase phase) { return phase <= Phase::verified; }
// Nothing follows.
[[nodiscard]] constexpr bool is_final(Phase phase) {
    return phase == Phase::verified || phase == Phase::declined || phase == Phase::failed ||
           phase == Phase::rolled_back || phase == Phase::cancelled;
}
// What a vehicle may say of itself. That an update is verified is never its word, but its inventory's.
[[nodiscard]] constexpr bool vehicle_may_report(Phase phase) {
    return (phase >= Phase::downloading && phase <= Phase::activated) || phase == Phase::waiting ||
           phase == Phase::failed || phase == Phase::rolled_back || phase == Phase::cancelled;
}

}  // namespace pitstop::campaign
