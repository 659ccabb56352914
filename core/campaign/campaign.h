// A campaign: which software which ECUs shall have. Made once, never changed; a vehicle's way through it is its
// Assignment.
//
// JSON: {"id", "title", "release_notes", "priority": "patch|minor|major|security",
//        "targets": [{"ecu_id", "hardware_id", "target_name", "version", "release_counter", "sha256", "size_bytes",
//                      "dependencies"?, "conflicts"?}]}
#pragma once

#include "core/base/bytes.h"
#include "core/base/constraints.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/vehicle/inventory.h"

#include <string>
#include <vector>

namespace pitstop::campaign {

// DESIGN §5: patch 0, minor 1, major 2, security 3.
enum class Priority : std::uint8_t { patch, minor, major, security };
[[nodiscard]] std::string_view to_string(Priority priority);
[[nodiscard]] Result<Priority> priority_from(std::string_view text);  // campaign.unknown-phase

struct Target {
    EcuId ecu;
    HardwareId hardware;
    TargetName name;  // in both repositories
    Version version;
    std::uint32_t release_counter = 0;
    Sha256Digest sha256{};         // of the plain image
    std::uint64_t size_bytes = 0;  // of the plain image
    Constraints constraints = {};  // what it asks of the other ECUs

    bool operator==(const Target&) const = default;
};

struct Campaign {
    static constexpr std::size_t title_size_max = 120;           // one line of a screen
    static constexpr std::size_t release_notes_size_max = 8192;  // travels in one MQTT message

    CampaignId id;
    std::string title;
    std::string release_notes;
    Priority priority = Priority::patch;
    std::vector<Target> targets;  // 1 to 100, each ECU once, in installation order

    // What a vehicle's inventory must show before the update counts as done.
    [[nodiscard]] std::vector<vehicle::Software> software() const;

    bool operator==(const Campaign&) const = default;
};

[[nodiscard]] json::Object to_json(const Campaign& campaign);
// base.*, vehicle.too-much, campaign.bad-campaign (no targets, an ECU twice, an empty image), campaign.unknown-phase
[[nodiscard]] Result<Campaign> campaign_from_json(const json::Object& from);

}  // namespace pitstop::campaign
