// One vehicle's way through one campaign, as the server knows it. A value that the server stores; only `decide` changes
// it.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"
#include "core/campaign/phase.h"

#include <optional>
#include <span>
#include <string>

namespace pitstop::campaign {

struct Assignment {
    Vin vin;
    CampaignId campaign;
    Phase phase = Phase::assigned;
    Phase reached = Phase::assigned;  // the furthest point on the straight way; phase equals it unless waiting or ended
    std::uint64_t last_sequence = 0;  // of the last vehicle report that had an effect
    std::uint8_t percent = 0;
    std::string code;  // of the fault behind waiting, failed or rolled_back; else empty
    std::string detail;
    UtcTime created;
    UtcTime changed;           // when the phase last changed
    UtcTime say_again_at;      // when TimePassed makes the server repeat itself
    std::uint8_t repeats = 0;  // how often it has since the vehicle was last heard

    [[nodiscard]] static Assignment make(const Vin& vin, const CampaignId& campaign, UtcTime now) {
        return {vin, campaign, Phase::assigned, Phase::assigned, 0, 0, {}, {}, now, now, now, 0};
    }
    bool operator==(const Assignment&) const = default;
};

[[nodiscard]] json::Object to_json(const Assignment& assignment);
[[nodiscard]] Result<Assignment> assignment_from_json(
    const json::Object& from);  // base.*, vehicle.too-much, campaign.unknown-phase

// A campaign at a glance: how many vehicles are in each phase. Thresholds count `verified`.
struct Summary {
    std::array<std::uint32_t, phase_count> vehicles{};

    void add(Phase phase) { ++vehicles[static_cast<std::size_t>(phase)]; }
    [[nodiscard]] std::uint32_t of(Phase phase) const { return vehicles[static_cast<std::size_t>(phase)]; }
    [[nodiscard]] std::uint32_t total() const;
    [[nodiscard]] std::uint32_t ended() const;  // in a phase that nothing follows
    bool operator==(const Summary&) const = default;
};
[[nodiscard]] Summary fold(std::span<const Assignment> assignments);
[[nodiscard]] json::Object to_json(
    const Summary& summary);  // {"total", "ended", "verified", ... every phase that is not 0}

}  // namespace pitstop::campaign
