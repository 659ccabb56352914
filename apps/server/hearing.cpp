// What vehicles say, turned into events for their assignments.
#include "apps/server/engine.h"
#include "io/log/log.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

using io::store::SeenMessages;
using io::store::VehicleRow;

template <class... Cases>
struct Visitor : Cases... {
    using Cases::operator()...;
};

json::Value channel_json(const std::optional<wire::Channel>& channel) {
    if (!channel) return nullptr;
    return json::Object{{"group", channel->group}, {"signature", channel->signature}, {"cipher", channel->cipher}};
}

std::string channels_json(const wire::Wakeup& wakeup) {
    return boost::json::serialize(json::Object{{"mqtt", channel_json(wakeup.mqtt)},
                                               {"https", channel_json(wakeup.https)},
                                               {"gateway_version", wakeup.gateway_version}});
}

}  // namespace

Result<void> Engine::hear(std::span<const wire::Envelope> messages, UtcTime now) {
    const auto together = decide_and_say(now, [&]() -> Result<void> {
        for (const auto& message : messages) ENSURE(hear_one(message, now));
        return {};
    });
    if (together || together.error().remedy() == Remedy::stop) return together;
    // One of them contradicts what is stored: it must not hold up the others.
    for (const auto& message : messages) {
        const auto alone = decide_and_say(now, [&] { return hear_one(message, now); });
        if (alone) continue;
        if (alone.error().remedy() == Remedy::stop) return alone;
        io::log::problem(alone.error(), std::format("{} of {}", wire::name_of(message.type()), message.vin.view()));
        reject(message.vin, alone.error(), now);
    }
    return {};
}

Result<void> Engine::hear_one(const wire::Envelope& message, UtcTime now) {
    TRY(auto found, store_.vehicles.find(message.vin));
    VehicleRow vehicle = found ? *std::move(found) : VehicleRow{.vin = message.vin};
    if (!vehicle.first_seen) vehicle.first_seen = now;
    vehicle.last_seen = now;
    ENSURE(store_.vehicles.put(vehicle));
    if (message.type() == wire::MessageType::telemetry) return {};  // neither acknowledged nor repeated
    TRY(const auto seen, store_.seen_messages.remember(message.vin, message.id.view()));
    if (seen == SeenMessages::Seen::first_time) ENSURE(take(message, vehicle, now));
    say(message.vin, wire::CommandAck{message.id}, message.id);
    return {};
}

Result<void> Engine::take(const wire::Envelope& message, VehicleRow& vehicle, UtcTime now) {
    const Vin& vin = message.vin;
    const Visitor cases{
        [&](const wire::Wakeup& wakeup) -> Result<void> {
            vehicle.boot_id = wakeup.boot_id;
            vehicle.boot_seq = wakeup.boot_seq;
            vehicle.channels = channels_json(wakeup);
            ENSURE(store_.vehicles.put(vehicle));
            say(vin, wire::RequestVci{});
            if (listener_) ENSURE(listener_->vehicle_woke(vin, now));
            return tell_open(vin, campaign::VehicleWoke{}, now);
        },
        [&](const wire::VciReport& report) -> Result<void> {
            vehicle.inventory = boost::json::serialize(vehicle::to_json(report.inventory));
            vehicle.inventory_at = now;
            ENSURE(store_.vehicles.put(vehicle));
            auto known = images_.known_of(report.inventory);
            ENSURE(director_.keep_only(vin, [&](const uptane::TargetInfo& info) {
                return campaign::still_fits(*info.ecu, info.hardware, info.release_counter, report.inventory, known);
            }));
            return tell_open(vin, campaign::InventoryReceived{report.inventory, std::move(known)}, now);
        },
        [&](const wire::OtaCampaignResponse& response) {
            return tell(vin, response.campaign, campaign::CampaignAnswered{response.answer, response.retry_after_s},
                        now);
        },
        [&](const wire::ReadinessResponse& response) {
            return tell(vin, response.campaign, campaign::ReadinessAnswered{response.readiness}, now);
        },
        [&](const wire::OtaStatus& status) -> Result<void> {
            ENSURE(tell(vin, status.campaign,
                        campaign::StatusReported{status.sequence, status.phase, status.ecu, status.percent.value_or(0),
                                                 status.code, status.detail},
                        now));
            const bool could_not_open =
                status.phase == campaign::Phase::installing && status.ecu && uptane::tells_of_delivery(status.code);
            return could_not_open ? fall_back(vin, status, now) : Result<void>{};
        },
        [&](const wire::DiagnosticResponse& response) {
            return listener_ ? listener_->heard(vin, response, now) : Result<void>{};
        },
        [&](const wire::ErrorMessage& error) -> Result<void> {
            io::log::warning("{} could not use a message: {}: {}", vin.view(), error.code, error.detail);
            return {};
        },
        [](const auto&) -> Result<void> { return {}; },  // types that nobody here asks for yet
    };
    return std::visit(cases, message.message);
}

// All in one transaction; where one of them cannot be helped now, each by itself, and that one again later.
Result<void> Engine::tell_each(std::span<const std::pair<Vin, CampaignId>> whom, const campaign::Event& event,
                               UtcTime now) {
    if (whom.empty()) return {};
    const auto together = decide_and_say(now, [&]() -> Result<void> {
        for (const auto& [vin, id] : whom) ENSURE(tell(vin, id, event, now));
        return {};
    });
    if (together || together.error().remedy() == Remedy::stop) return together;
    for (const auto& [vin, id] : whom) {
        const auto alone = decide_and_say(now, [&] { return tell(vin, id, event, now); });
        if (alone) continue;
        if (alone.error().remedy() == Remedy::stop) return alone;
        io::log::problem(alone.error(), std::format("campaign {} for {}", id.view(), vin.view()));
        due_.insert({now + std::chrono::seconds(campaign::repeat_after_s), vin, id});
    }
    return {};
}

Result<void> Engine::tell_open(const Vin& vin, const campaign::Event& event, UtcTime now) {
    TRY(const auto rows, store_.assignments.of_vehicle(vin));
    for (const auto& row : rows)
        if (row.activity == io::store::Activity::open) ENSURE(apply(row, event, now).transform([](const auto&) {}));
    return {};
}

// A message about an assignment that never was, or is no more, has no effect.
Result<void> Engine::tell(const Vin& vin, const CampaignId& id, const campaign::Event& event, UtcTime now) {
    TRY(const auto row, store_.assignments.find(vin, id));
    if (!row || row->activity == io::store::Activity::closed) return {};
    return apply(*row, event, now).transform([](const auto&) {});
}

}  // namespace pitstop::server
