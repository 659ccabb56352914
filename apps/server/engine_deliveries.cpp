// In which form images travel to a vehicle, and what happens while that is not settled.
#include "apps/server/engine.h"
#include "io/log/log.h"

#include <algorithm>
#include <format>

namespace pitstop::server {
namespace {

constexpr std::size_t inventory_bytes_max = 1024 * 1024;  // of 100 ECUs with their longest texts, several times over

const vehicle::EcuReport* report_of(const std::optional<vehicle::Inventory>& inventory, EcuId ecu) {
    return inventory ? inventory->find(ecu) : nullptr;
}

}  // namespace

Result<std::optional<vehicle::Inventory>> Engine::inventory_of(const Vin& vin) {
    TRY(const auto row, store_.vehicles.find(vin));
    if (!row || row->inventory.empty()) return std::nullopt;
    TRY(const auto value, json::parse(view_of(row->inventory), inventory_bytes_max));
    TRY(const auto* object, json::as_object(value, "inventory"));
    return vehicle::inventory_from_json(*object);
}

// True: wait for something that is being made. targets[i] is what campaign.targets[i] became.
Result<bool> Engine::choose_forms(const campaign::Assignment& to, const campaign::Campaign& campaign,
                                  const std::optional<vehicle::Inventory>& inventory,
                                  std::span<uptane::NamedTarget> targets) {
    const std::pair key(to.vin, to.campaign);
    const auto held = held_.find(key);
    const bool patient = to.reached < campaign::Phase::downloading && (held == held_.end() || now_ < held->second);
    const auto patience = patient ? Deliveries::Patience::waits : Deliveries::Patience::none;
    bool waits = false;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const campaign::Target& wanted = campaign.targets[i];
        TRY(auto choice, deliveries_.choose(to.vin, wanted, report_of(inventory, wanted.ecu), patience, now_));
        targets[i].info.delivery = std::move(choice.delivery);
        waits = waits || choice.being_made;
    }
    if (!waits)
        held_.erase(key);
    else if (held == held_.end() || held->second <= now_)
        held_.insert_or_assign(key, now_ + deliveries_.settings().wait);
    return waits;
}

// What this vehicle will need is begun now: until it has accepted and is ready, it may be made.
Result<void> Engine::foresee(const campaign::Assignment& to, const campaign::Campaign& campaign) {
    if (campaign::is_final(to.phase) || to.reached >= campaign::Phase::downloading) return {};
    TRY(const auto inventory, inventory_of(to.vin));
    if (!inventory) return {};
    for (const campaign::Target& wanted : campaign.targets) {
        const auto* report = inventory->find(wanted.ecu);
        if (report == nullptr) continue;
        ENSURE(deliveries_.choose(to.vin, wanted, report, Deliveries::Patience::waits, now_).transform([](const auto&) {
        }));
    }
    return {};
}

// An ECU could not open what was directed to it, though it said that it could: it gets the image as it is.
Result<void> Engine::fall_back(const Vin& vin, const wire::OtaStatus& refusal, UtcTime now) {
    TRY(const auto row, store_.assignments.find(vin, refusal.campaign));
    if (!row || row->activity == io::store::Activity::closed) return {};
    TRY(const Known* known, campaign(refusal.campaign));
    const auto target = std::ranges::find(known->campaign.targets, *refusal.ecu, &campaign::Target::ecu);
    if (target == known->campaign.targets.end()) return {};
    io::log::warning("{}: {} gets the full image: {}", vin.view(), refusal.ecu->str(), refusal.code);
    ENSURE(deliveries_.note_refused({vin, *refusal.ecu, target->sha256, now, refusal.code, refusal.detail}));
    return direct_again(vin, refusal.campaign, now);
}

Result<void> Engine::direct_again(const Vin& vin, const CampaignId& id, UtcTime now) {
    using campaign::Action;
    TRY(const auto row, store_.assignments.find(vin, id));
    if (!row || row->activity == io::store::Activity::closed) {
        held_.erase({vin, id});
        return {};
    }
    TRY(const Known* known, campaign(id));
    TRY(const auto assignment, assignment_of(*row));
    constexpr std::array actions{Action::direct_vehicle, Action::send_metadata};
    TRY(auto against, carry_out(assignment, actions, *known));
    if (!against) return {};
    held_.erase({vin, id});
    return apply(*row, campaign::NotDirectable{*std::move(against)}, now).transform([](const auto&) {});
}

// All in one transaction; where one of them cannot be helped now, each by itself.
Result<void> Engine::direct_each(const Whom& whom, UtcTime now) {
    if (whom.empty()) return {};
    const auto together = decide_and_say(now, [&]() -> Result<void> {
        for (const auto& [vin, id] : whom) ENSURE(direct_again(vin, id, now));
        return {};
    });
    if (together || together.error().remedy() == Remedy::stop) return together;
    for (const auto& [vin, id] : whom) {
        const auto alone = decide_and_say(now, [&] { return direct_again(vin, id, now); });
        if (alone) continue;
        if (alone.error().remedy() == Remedy::stop) return alone;
        io::log::problem(alone.error(), std::format("campaign {} for {}", id.view(), vin.view()));
        held_.erase({vin, id});  // the timer asks the vehicle again
    }
    return {};
}

Result<void> Engine::deliveries_changed(UtcTime now) {
    Whom whom;
    for (const auto& [held, until] : held_) whom.push_back(held);
    return direct_each(whom, now);
}

}  // namespace pitstop::server
