// The server's whole reasoning about one vehicle's update, as a pure function.
//
// Bring the assignment as stored, what happened, and the time. Back come the next assignment, what to do, what to write
// into the vehicle's history, and, for an operator's wish that cannot be granted, why. The caller stores `next` and
// `record` in one transaction and only then acts; every action may be done twice. Each event has one effect, however
// often and late it arrives:
// - an ended assignment never changes (campaign.finished for an operator);
// - progress never goes back: a report counts only if its sequence is new and its phase not behind the furthest
// reached;
// - `verified` follows from an inventory that shows every target and from nothing else.
#pragma once

#include "core/campaign/assignment.h"
#include "core/campaign/campaign.h"
#include "core/campaign/resolve.h"
#include "core/vehicle/readiness.h"

#include <optional>
#include <variant>
#include <vector>

namespace pitstop::campaign {

// What happened.
struct Deployed {};     // the assignment was just made
struct VehicleWoke {};  // a WAKEUP arrived
struct InventoryReceived {
    vehicle::Inventory inventory;
    std::vector<KnownImage> known = {};  // what the Image repository says of what it shows
};
struct NotDirectable {  // the answer to direct_vehicle, where it could not be done
    Resolution why;
};
enum class Answer : std::uint8_t { accept, decline, later };
struct CampaignAnswered {
    Answer answer = Answer::accept;
    std::uint32_t retry_after_s = 0;
};
struct ReadinessAnswered {
    vehicle::Readiness readiness;
};
struct StatusReported {
    std::uint64_t sequence = 0;  // rises with every report of the vehicle, across reboots
    Phase phase = Phase::downloading;
    std::optional<EcuId> ecu;
    std::uint8_t percent = 0;
    std::string code;
    std::string detail;
};
struct Cancelled {};   // an operator's wish
struct Started {};     // the server came up and found this assignment
struct TimePassed {};  // the slow timer; anything from a second to minutes apart
using Event = std::variant<Deployed, VehicleWoke, InventoryReceived, NotDirectable, CampaignAnswered, ReadinessAnswered,
                           StatusReported, Cancelled, Started, TimePassed>;

// What to do. Each may be done any number of times.
enum class Action : std::uint8_t {
    request_inventory,  // send REQUEST_VCI
    offer_campaign,     // send OTA_CAMPAIGN
    request_readiness,  // send REQUEST_READINESS
    direct_vehicle,     // make the director's targets for this vehicle name the campaign's targets, if resolve() allows
    send_metadata,      // send OTA_METADATA
    withdraw_targets,   // take the campaign out of the director's targets: it ended without success
    withdraw_campaign,  // take the campaign out of the director's targets and send COMMAND "cancel_campaign"
};
[[nodiscard]] std::string_view to_string(Action action);

// One line of the vehicle's history.
struct Record {
    Phase phase = Phase::assigned;
    std::optional<EcuId> ecu;
    std::uint8_t percent = 0;
    std::string code;
    std::string detail;
    bool operator==(const Record&) const = default;
};

struct Decision {
    Assignment next;
    std::vector<Action> actions;
    std::optional<Record> record;
    std::optional<Error> refusal;  // campaign.too-late or campaign.finished, for the operator who asked
};

inline constexpr std::uint32_t repeat_after_s = 60;  // first repetition of an unanswered message; doubles each time
inline constexpr std::uint32_t repeat_after_s_max = 86'400;  // a sleeping car is woken by WAKEUP, not by us

[[nodiscard]] Decision decide(const Assignment& assignment, const Event& event, const Campaign& campaign, UtcTime now);

}  // namespace pitstop::campaign
