// The gateway's whole reasoning about updates, as a pure function.
//
// Bring the state as saved, what happened, the vehicle's rules and the time. Save `next`, then do the actions; each of
// them may be done twice, and its outcome comes back as an event. After a restart, `Started` says again all that is
// under way.
//
//   offered → accepted → trusting → downloading → judging → staging → activating → confirming → told
//
// All or nothing: no ECU is activated before every one is staged, and no zonal gateway before all others. If one fails,
// all go back: `failed` when none had been activated, else `rolled_back`. Only an ECU that cannot go back any more,
// above all one that had committed before another lost its new image, leaves a mixed set; that is told
// (update.mixed-set), and why_not_to_drive() says so until the ECU got something new. What a failure means follows from
// its remedy alone: retry after a growing pause, up to a cap; wait for the vehicle's conditions without a cap; refuse a
// few times from the start of the ECU's sequence (a restarted ECU refuses the middle of one); distrust and stop end it.
// One thing is nobody's fault: an ECU that cannot open the form in which its image came, a delta from another image
// above all. The server is told, directs the image itself, and the job goes on from there.
#pragma once

#include "core/update/state.h"
#include "core/vehicle/readiness.h"
#include "core/wire/messages.h"

#include <optional>
#include <variant>
#include <vector>

namespace pitstop::update {

enum class Consent : std::uint8_t { automatic, ask };

struct Rules {
    Vin vin;
    Consent consent = Consent::automatic;
    std::string gateway_version;
    std::uint8_t ecu_retries_max = 12;  // of a silent ECU in one step, with the pauses of retries_max below
};

// What can be under way.
enum class Work : std::uint8_t { trust, download, stage, activate, confirm, undo, read_inventory };
[[nodiscard]] std::string_view to_string(Work work);

// Who asked whether the vehicle is ready.
enum class Asker : std::uint8_t { server, ourselves };

// ---- what happened
// ----------------------------------------------------------------------------------------------------

struct Started {
    std::string boot_id;
};  // new at each start of the gateway
struct Connected {
    std::optional<wire::Channel> mqtt, https;
};
struct VciRequested {};
struct OfferReceived {
    wire::OtaCampaign offer;
};
struct DriverAnswered {
    campaign::Answer answer = campaign::Answer::accept;
    std::uint32_t retry_after_s = 0;
};
struct ReadinessRequested {
    CampaignId campaign;
};
struct ReadinessJudged {
    Asker asker;
    CampaignId campaign;
    vehicle::Readiness readiness;
};
struct MetadataAnnounced {
    wire::OtaMetadata metadata;
};
struct MetadataTrusted {
    std::vector<Member> members;
};
struct DownloadProgressed {
    std::uint64_t stored_bytes = 0;
};
struct Downloaded {};
struct EcuProgressed {
    EcuId ecu;
    std::uint8_t percent = 0;
};
struct EcuDone {
    Work work;
    EcuId ecu;
};
struct WorkFailed {
    Work work;
    std::optional<EcuId> ecu;
    Error error;
};
struct InventoryRead {
    vehicle::Inventory inventory;
};
struct CancelReceived {
    CampaignId campaign;
};
struct Acknowledged {
    wire::MessageId id;
};  // or refused for good by the server
struct TimePassed {};  // every second or so
using Event = std::variant<Started, Connected, VciRequested, OfferReceived, DriverAnswered, ReadinessRequested,
                           ReadinessJudged, MetadataAnnounced, MetadataTrusted, DownloadProgressed, Downloaded,
                           EcuProgressed, EcuDone, WorkFailed, InventoryRead, CancelReceived, Acknowledged, TimePassed>;

// ---- what to do
// -------------------------------------------------------------------------------------------------------

struct Send {
    wire::MessageId id;
    bool operator==(const Send&) const = default;
};  // out of next.outbox
struct AskDriver {
    bool operator==(const AskDriver&) const = default;
};
struct JudgeReadiness {
    Asker asker;
    CampaignId campaign;
    std::uint64_t storage_needed_bytes = 0;
    bool operator==(const JudgeReadiness&) const = default;
};
struct FetchMetadata {
    bool operator==(const FetchMetadata&) const = default;
};
struct Download {
    bool operator==(const Download&) const = default;
};
struct Flash {
    Work work;
    EcuId ecu;
    bool operator==(const Flash&) const = default;
};  // stage, activate, confirm or undo
struct ReadInventory {
    bool operator==(const ReadInventory&) const = default;
};
struct StopWork {
    bool operator==(const StopWork&) const = default;
};  // of the job; outcomes no longer interest
struct DropPackage {
    CampaignId campaign;
    bool operator==(const DropPackage&) const = default;
};
using Action =
    std::variant<Send, AskDriver, JudgeReadiness, FetchMetadata, Download, Flash, ReadInventory, StopWork, DropPackage>;

struct Decision {
    State next;
    std::vector<Action> actions;
};

inline constexpr std::uint8_t retries_max = 12;    // with pauses of 1 s doubling to a minute: about eight minutes
inline constexpr std::uint8_t refusals_max = 4;    // of one ECU in one step
inline constexpr std::ptrdiff_t unopened_max = 3;  // of one ECU's deliveries in one job: the server may be slow to hear
inline constexpr std::int64_t pause_s_max = 60;
inline constexpr std::uint32_t busy_retry_after_s = 600;  // said to a second campaign while one is under way

[[nodiscard]] Decision decide(const State& state, const Event& event, const Rules& rules, UtcTime now);

}  // namespace pitstop::update
