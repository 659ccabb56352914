// Decides for all assignments, one event after the other: what happened goes through campaign::decide, what follows is
// stored in one transaction, and only then said.
//
// Bring:  the stored state, both repositories, who chooses in which form images travel, and somebody who speaks to
//         vehicles. One thread calls it.
// Back:   after hear() every message is stored and acknowledged, or nothing of it happened and the vehicle repeats it.
//         Nothing that is said is relied upon: it is said again at WAKEUP, at start, and as time passes.
//         A vehicle whose deltas are still being made is directed when they are, or when DeltaSettings::wait is over;
//         what an ECU could not open is directed to it plain.
// Faults: those of core/campaign, io/store, core/uptane; server.unknown-campaign, no-package, not-published,
// vehicle-busy.
#pragma once

#include "apps/server/deliveries.h"
#include "apps/server/director.h"
#include "apps/server/image_repository.h"
#include "core/campaign/decide.h"
#include "core/wire/envelope.h"
#include "io/store/store.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

namespace pitstop::server {

// Port: whoever carries a message to its vehicle. It may get lost.
class Speaker {
public:
    virtual ~Speaker() = default;
    virtual void say(const wire::Envelope& message) = 0;
};

// Port: who follows the diagnostic jobs of vehicles. Called within the transaction that stores what is heard.
class DiagnosticListener {
public:
    virtual ~DiagnosticListener() = default;
    virtual Result<void> vehicle_woke(const Vin& vin, UtcTime now) = 0;
    virtual Result<void> heard(const Vin& vin, const wire::DiagnosticResponse& response, UtcTime now) = 0;
};

// What became of one vehicle when an operator wished something.
struct Outcome {
    Vin vin;
    std::optional<campaign::Phase> phase;  // nothing: refused before there was an assignment
    std::optional<Error> refusal;
};

class Engine {
public:
    Engine(io::store::Database& database, Director& director, const ImageRepository& images, Deliveries& deliveries,
           Speaker& speaker)
        : database_(database),
          store_(database),
          director_(director),
          images_(images),
          deliveries_(deliveries),
          speaker_(speaker) {}

    void tell(DiagnosticListener& listener) { listener_ = &listener; }  // which outlives the engine's work

    [[nodiscard]] Result<void> start(UtcTime now);  // also after the broker was away: whatever was said may be lost
    [[nodiscard]] Result<void> hear(std::span<const wire::Envelope> messages, UtcTime now);
    [[nodiscard]] Result<void> pass_time(UtcTime now);  // every second or so; costs nothing while nothing is due
    [[nodiscard]] Result<void> deliveries_changed(UtcTime now);  // one was made, or will never be

    [[nodiscard]] Result<std::vector<Outcome>> deploy(const CampaignId& id, std::span<const Vin> vins, UtcTime now);
    [[nodiscard]] Result<std::vector<Outcome>> cancel(const CampaignId& id, UtcTime now);

    // The other side sent what cannot be understood; repeating it will not help.
    void reject(const Vin& vin, const Error& error, UtcTime now);

private:
    struct Known {
        campaign::Campaign campaign;
        std::optional<io::store::StoredPackage> package;
        Sha256Digest metadata_sha256{};
    };
    using Whom = std::vector<std::pair<Vin, CampaignId>>;

    // engine.cpp: one transaction, then the words
    [[nodiscard]] Result<void> decide_and_say(UtcTime now, const std::function<Result<void>()>& work);
    [[nodiscard]] Result<campaign::Decision> apply(const io::store::AssignmentRow& row, const campaign::Event& event,
                                                   UtcTime now);
    [[nodiscard]] Result<void> keep(const campaign::Decision& decision, UtcTime now);
    [[nodiscard]] Result<void> act(const campaign::Assignment& assignment, campaign::Action action, const Known& known);
    // What speaks against directing the vehicle, where something does.
    [[nodiscard]] Result<std::optional<campaign::Resolution>> carry_out(const campaign::Assignment& assignment,
                                                                        std::span<const campaign::Action> actions,
                                                                        const Known& known);
    struct Directed {
        std::optional<campaign::Resolution> against;
        bool waits = false;  // for a delta
    };
    [[nodiscard]] Result<Directed> direct(const campaign::Assignment& assignment, const campaign::Campaign& campaign);
    [[nodiscard]] Result<const Known*> campaign(const CampaignId& id);
    [[nodiscard]] Result<std::vector<uptane::NamedTarget>> targets_of(const campaign::Campaign& campaign) const;
    // engine_deliveries.cpp: in which form, and what waits for it
    [[nodiscard]] Result<bool> choose_forms(const campaign::Assignment& assignment, const campaign::Campaign& campaign,
                                            const std::optional<vehicle::Inventory>& inventory,
                                            std::span<uptane::NamedTarget> targets);
    [[nodiscard]] Result<void> foresee(const campaign::Assignment& assignment, const campaign::Campaign& campaign);
    [[nodiscard]] Result<void> fall_back(const Vin& vin, const wire::OtaStatus& refusal, UtcTime now);
    [[nodiscard]] Result<void> direct_again(const Vin& vin, const CampaignId& id, UtcTime now);
    [[nodiscard]] Result<void> direct_each(const Whom& whom, UtcTime now);

    [[nodiscard]] Result<std::optional<vehicle::Inventory>> inventory_of(const Vin& vin);
    [[nodiscard]] static Result<campaign::Assignment> assignment_of(const io::store::AssignmentRow& row);
    [[nodiscard]] Result<Outcome> deploy_to(const Vin& vin, const CampaignId& id, UtcTime now);
    void say(const Vin& vin, wire::Message message, std::optional<wire::MessageId> answers = {});

    // hearing.cpp: what a vehicle says, as events
    [[nodiscard]] Result<void> hear_one(const wire::Envelope& message, UtcTime now);
    [[nodiscard]] Result<void> take(const wire::Envelope& message, io::store::VehicleRow& vehicle, UtcTime now);
    [[nodiscard]] Result<void> tell_each(std::span<const std::pair<Vin, CampaignId>> whom, const campaign::Event& event,
                                         UtcTime now);
    [[nodiscard]] Result<void> tell_open(const Vin& vin, const campaign::Event& event, UtcTime now);
    [[nodiscard]] Result<void> tell(const Vin& vin, const CampaignId& id, const campaign::Event& event, UtcTime now);

    io::store::Database& database_;
    io::store::Store store_;
    Director& director_;
    const ImageRepository& images_;
    Deliveries& deliveries_;
    Speaker& speaker_;
    DiagnosticListener* listener_ = nullptr;

    std::map<CampaignId, Known> campaigns_;  // they never change, but for a package that arrives
    std::set<std::tuple<UtcTime, Vin, CampaignId>> due_;
    std::map<std::pair<Vin, CampaignId>, UtcTime> held_;  // until when they wait for deltas being made
    std::vector<wire::Envelope> to_say_;                  // when the transaction is through
    UtcTime now_;
};

}  // namespace pitstop::server
