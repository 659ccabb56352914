// May this vehicle be updated now? Asked before the download and again before installing: the car enforces it, not the
// screen.
//
// Bring the conditions as they are and the policy; `judge` gives back every reason that speaks against it, and when to
// ask again. JSON of Readiness: {"ready", "reasons": ["battery is at 40 %, needed are 50 %"], "retry_after_s"}.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pitstop::vehicle {

enum class Motion : std::uint8_t { parked, moving };
enum class Ignition : std::uint8_t { off, on };
enum class Network : std::uint8_t { connected, absent };
enum class Doors : std::uint8_t { closed, open };

struct Conditions {
    Motion motion = Motion::parked;
    Ignition ignition = Ignition::off;
    Network network = Network::connected;
    Doors doors = Doors::closed;
    std::uint8_t battery_percent = 100;
    std::uint64_t free_storage_bytes = 0;
    std::int16_t temperature_c = 20;  // of the control units' surroundings
    std::uint16_t open_dtcs = 0;      // diagnostic trouble codes that forbid programming

    bool operator==(const Conditions&) const = default;
};

// What the OEM asks of the conditions. Parked, ignition off and closed doors are not negotiable, so they have no
// switch.
struct ReadinessPolicy {
    std::uint8_t battery_percent_min = 50;
    std::int16_t temperature_c_min = -20;
    std::int16_t temperature_c_max = 60;
    std::uint16_t open_dtcs_max = 0;
    std::uint32_t retry_after_s = 600;
};

struct Readiness {
    bool ready = false;
    std::vector<std::string> reasons;  // sentences for people, one a condition; empty when ready
    std::uint32_t retry_after_s = 0;   // 0 when ready

    bool operator==(const Readiness&) const = default;
};

// storage_needed_bytes: what the download and its checking take.
[[nodiscard]] Readiness judge(const Conditions& now, const ReadinessPolicy& policy, std::uint64_t storage_needed_bytes);

// vehicle.not-ready with the reasons in one sentence.
[[nodiscard]] Result<void> as_result(const Readiness& readiness);
[[nodiscard]] std::string reasons_in_one_sentence(const Readiness& readiness);

[[nodiscard]] json::Object to_json(const Readiness& readiness);
[[nodiscard]] Result<Readiness> readiness_from_json(const json::Object& from);  // base.*, vehicle.too-much

}  // namespace pitstop::vehicle
