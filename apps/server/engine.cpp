#include "apps/server/engine.h"

#include "apps/server/faults.h"
#include "core/campaign/faults.h"
#include "core/crypto/digest.h"

#include <openssl/rand.h>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

using io::store::Activity;
using io::store::AssignmentRow;

constexpr std::size_t state_bytes_max = 64 * 1024;       // of one assignment: its longest texts, several times over
constexpr std::size_t campaign_bytes_max = 1024 * 1024;  // of one campaign with 100 targets, several times over

wire::MessageId new_message_id() {
    std::array<std::uint8_t, 16> bytes{};
    RAND_bytes(bytes.data(), bytes.size());  // where it fails, TLS does too, and nobody reads the id
    return wire::MessageId::from_bytes(bytes);
}

AssignmentRow row_of(const campaign::Assignment& assignment, UtcTime now) {
    const auto activity = campaign::is_final(assignment.phase) ? Activity::closed : Activity::open;
    return {assignment.vin,
            assignment.campaign,
            std::string(campaign::to_string(assignment.phase)),
            activity,
            boost::json::serialize(campaign::to_json(assignment)),
            now};
}

}  // namespace

Result<campaign::Assignment> Engine::assignment_of(const AssignmentRow& row) {
    TRY(const auto value, json::parse(view_of(row.state), state_bytes_max));
    TRY(const auto* object, json::as_object(value, "assignment"));
    return campaign::assignment_from_json(*object);
}

Result<void> Engine::decide_and_say(UtcTime now, const std::function<Result<void>()>& work) {
    to_say_.clear();
    director_.forget_changes();
    now_ = now;
    const auto decide = [&]() -> Result<void> {
        ENSURE(work());
        return director_.sign_changes(now);
    };
    ENSURE(database_.transaction(decide));
    for (const auto& message : to_say_) speaker_.say(message);
    to_say_.clear();
    return {};
}

void Engine::say(const Vin& vin, wire::Message message, std::optional<wire::MessageId> answers) {
    // Several assignments may ask for one inventory.
    const bool asks_again = std::holds_alternative<wire::RequestVci>(message) &&
                            std::ranges::any_of(to_say_, [&](const wire::Envelope& said) {
                                return said.vin == vin && std::holds_alternative<wire::RequestVci>(said.message);
                            });
    if (asks_again) return;
    to_say_.push_back({new_message_id(), answers, now_, wire::Entity::server, vin, std::move(message)});
}

void Engine::reject(const Vin& vin, const Error& error, UtcTime now) {
    speaker_.say({new_message_id(), std::nullopt, now, wire::Entity::server, vin,
                  wire::ErrorMessage{std::nullopt, std::string(error.code()), std::string(error.detail())}});
}

Result<campaign::Decision> Engine::apply(const AssignmentRow& row, const campaign::Event& event, UtcTime now) {
    TRY(const auto before, assignment_of(row));
    TRY(const Known* known, campaign(row.campaign));
    auto decision = campaign::decide(before, event, known->campaign, now);
    due_.erase({before.say_again_at, before.vin, before.campaign});
    if (!campaign::is_final(decision.next.phase))
        due_.insert({decision.next.say_again_at, before.vin, before.campaign});
    if (decision.next != before || decision.record) ENSURE(keep(decision, now));
    const bool tells_what_runs =
        std::holds_alternative<campaign::Deployed>(event) || std::holds_alternative<campaign::InventoryReceived>(event);
    if (tells_what_runs) ENSURE(foresee(decision.next, known->campaign));
    TRY(auto against, carry_out(decision.next, decision.actions, *known));
    if (against) return apply(row_of(decision.next, now), campaign::NotDirectable{*std::move(against)}, now);
    return decision;
}

Result<std::optional<campaign::Resolution>> Engine::carry_out(const campaign::Assignment& to,
                                                              std::span<const campaign::Action> actions,
                                                              const Known& known) {
    bool waits = false;
    for (const auto action : actions) {
        if (action == campaign::Action::send_metadata && waits) continue;  // there is nothing new to fetch yet
        if (action != campaign::Action::direct_vehicle) {
            ENSURE(act(to, action, known));
            continue;
        }
        TRY(auto directed, direct(to, known.campaign));
        if (directed.against) return std::move(directed.against);
        waits = directed.waits;
    }
    return std::nullopt;
}

Result<Engine::Directed> Engine::direct(const campaign::Assignment& to, const campaign::Campaign& campaign) {
    TRY(auto targets, targets_of(campaign));
    TRY(const auto inventory, inventory_of(to.vin));
    if (to.reached < campaign::Phase::installing) {  // later, the vehicle is busy with exactly these
        const auto known = inventory ? images_.known_of(*inventory) : std::vector<campaign::KnownImage>{};
        auto resolution = campaign::resolve(campaign.targets, inventory ? &*inventory : nullptr, known);
        if (!resolution.possible()) return Directed{std::move(resolution), false};
    }
    TRY(const bool waits, choose_forms(to, campaign, inventory, targets));
    if (!waits) ENSURE(director_.direct(to.vin, targets));
    return Directed{{}, waits};
}

Result<void> Engine::keep(const campaign::Decision& decision, UtcTime now) {
    ENSURE(store_.assignments.put(row_of(decision.next, now)));
    if (!decision.record) return {};
    const campaign::Record& record = *decision.record;
    io::store::EventRow event;
    event.at = now;
    event.vin = decision.next.vin.str();
    event.campaign = decision.next.campaign.str();
    event.phase = campaign::to_string(record.phase);
    if (record.ecu) event.ecu = record.ecu->str();
    if (record.percent > 0) event.percent = record.percent;
    event.code = record.code;
    event.detail = record.detail;
    return store_.events.add(event);
}

Result<void> Engine::act(const campaign::Assignment& to, campaign::Action action, const Known& known) {
    using campaign::Action;
    const CampaignId& id = known.campaign.id;
    const std::uint64_t bytes = known.package ? known.package->size_bytes : 0;
    switch (action) {
        case Action::request_inventory: say(to.vin, wire::RequestVci{}); return {};
        case Action::offer_campaign: say(to.vin, wire::offer_of(known.campaign, bytes)); return {};
        case Action::request_readiness: say(to.vin, wire::RequestReadiness{id}); return {};
        case Action::send_metadata:
            say(to.vin, wire::OtaMetadata{id, std::format("/packages/{}/full_package.bin", id.view()), bytes,
                                          known.metadata_sha256});
            return {};
        case Action::direct_vehicle: return {};  // direct(), which has an answer
        case Action::withdraw_targets:
        case Action::withdraw_campaign: {
            std::vector<TargetName> names;
            for (const auto& target : known.campaign.targets) names.push_back(target.name);
            ENSURE(director_.withdraw(to.vin, names));
            if (action == Action::withdraw_campaign) say(to.vin, wire::cancel_campaign(id));
            return {};
        }
    }
    return {};
}

Result<const Engine::Known*> Engine::campaign(const CampaignId& id) {
    const auto known = campaigns_.find(id);
    if (known != campaigns_.end() && known->second.package) return &known->second;
    TRY(const auto row, store_.campaigns.find(id));
    if (!row) return fail(faults::unknown_campaign, id.view());
    TRY(const auto value, json::parse(view_of(row->campaign), campaign_bytes_max));
    TRY(const auto* object, json::as_object(value, "campaign"));
    TRY(auto parsed, campaign::campaign_from_json(*object));
    Known found{std::move(parsed), row->package, crypto::sha256(view_of(row->package_metadata))};
    return &campaigns_.insert_or_assign(id, std::move(found)).first->second;
}

// The Director says of an image what the Image repository says of it, or a vehicle would refuse both.
Result<std::vector<uptane::NamedTarget>> Engine::targets_of(const campaign::Campaign& campaign) const {
    std::vector<uptane::NamedTarget> targets;
    for (const auto& wanted : campaign.targets) {
        TRY(auto target, images_.target(wanted.name, wanted.hardware));
        const bool same = target.info.sha256 == wanted.sha256 && target.info.length_bytes == wanted.size_bytes &&
                          target.info.version == wanted.version &&
                          target.info.release_counter == wanted.release_counter &&
                          target.info.constraints == wanted.constraints &&
                          std::ranges::find(target.info.hardware, wanted.hardware) != target.info.hardware.end();
        if (!same) return fail(faults::not_published, std::format("{} is another image there", wanted.name.view()));
        target.info.ecu = wanted.ecu;
        // Judged here, and in the Image repository for who wants to judge again: small ECUs are spared them.
        target.info.constraints = {};
        targets.push_back(std::move(target));
    }
    return targets;
}

Result<void> Engine::start(UtcTime now) {
    TRY(const auto rows, store_.assignments.all_open());
    std::vector<std::pair<Vin, CampaignId>> whom;
    for (const auto& row : rows) whom.emplace_back(row.vin, row.campaign);
    return tell_each(whom, campaign::Started{}, now);
}

Result<void> Engine::pass_time(UtcTime now) {
    std::vector<std::pair<Vin, CampaignId>> whom;
    while (!due_.empty() && std::get<UtcTime>(*due_.begin()) <= now) {
        whom.emplace_back(std::get<Vin>(*due_.begin()), std::get<CampaignId>(*due_.begin()));
        due_.erase(due_.begin());
    }
    ENSURE(tell_each(whom, campaign::TimePassed{}, now));
    Whom patient_enough;
    for (const auto& [held, until] : held_)
        if (until <= now) patient_enough.push_back(held);
    return direct_each(patient_enough, now);
}

Result<std::vector<Outcome>> Engine::deploy(const CampaignId& id, std::span<const Vin> vins, UtcTime now) {
    TRY(const Known* known, campaign(id));
    if (!known->package) return fail(faults::no_package, id.view());
    ENSURE(targets_of(known->campaign).transform([](const auto&) {}));
    std::vector<Outcome> outcomes;
    ENSURE(decide_and_say(now, [&]() -> Result<void> {
        for (const Vin& vin : vins) {
            TRY(auto outcome, deploy_to(vin, id, now));
            outcomes.push_back(std::move(outcome));
        }
        return {};
    }));
    return outcomes;
}

Result<Outcome> Engine::deploy_to(const Vin& vin, const CampaignId& id, UtcTime now) {
    TRY(const auto rows, store_.assignments.of_vehicle(vin));
    for (const auto& row : rows) {
        if (row.campaign == id) {  // asked again: what was decided then still holds
            TRY(const auto assignment, assignment_of(row));
            const bool ended = row.activity == Activity::closed;
            return Outcome{vin, assignment.phase,
                           ended ? std::optional(Error(campaign::faults::finished, row.phase)) : std::nullopt};
        }
        if (row.activity == Activity::open)
            return Outcome{vin, std::nullopt, Error(faults::vehicle_busy, row.campaign.view())};
    }
    TRY(const auto vehicle, store_.vehicles.find(vin));
    if (!vehicle) ENSURE(store_.vehicles.put({.vin = vin}));
    const auto row = row_of(campaign::Assignment::make(vin, id, now), now);
    ENSURE(store_.assignments.put(row));
    TRY(const auto decision, apply(row, campaign::Deployed{}, now));
    return Outcome{vin, decision.next.phase, decision.refusal};
}

Result<std::vector<Outcome>> Engine::cancel(const CampaignId& id, UtcTime now) {
    constexpr std::size_t all = 1'000'000;  // more vehicles than one campaign may have
    ENSURE(campaign(id).transform([](const auto*) {}));
    TRY(const auto rows, store_.assignments.of_campaign(id, "", all));
    std::vector<Outcome> outcomes;
    ENSURE(decide_and_say(now, [&]() -> Result<void> {
        for (const auto& row : rows) {
            if (row.activity == Activity::closed) continue;
            TRY(const auto decision, apply(row, campaign::Cancelled{}, now));
            outcomes.push_back({row.vin, decision.next.phase, decision.refusal});
        }
        return {};
    }));
    return outcomes;
}

}  // namespace pitstop::server
