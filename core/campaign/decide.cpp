#include "core/campaign/decide.h"

#include "core/campaign/faults.h"
#include "core/vehicle/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::campaign {
namespace {

using enum Phase;
using enum Action;

// What the server says when a vehicle wakes, when the server itself starts, and when nobody answered: by the furthest
// phase reached. From downloading on the vehicle works by itself; it is told the metadata again in case it forgot
// everything.
struct Saying {
    Phase reached;
    std::vector<Action> actions;
};
const std::vector<Action>& words_for(Phase reached) {
    static const std::array<Saying, 9> sayings = {{
        {assigned, {request_inventory}},
        {notified, {offer_campaign}},
        {accepted, {request_readiness}},
        {downloading, {direct_vehicle, send_metadata}},
        {downloaded, {direct_vehicle, send_metadata}},
        {installing, {direct_vehicle, send_metadata}},
        {installed, {direct_vehicle, send_metadata}},
        {activated, {direct_vehicle, send_metadata, request_inventory}},
        {verified, {}},
    }};
    return sayings[static_cast<std::size_t>(reached)].actions;
}

// One decision in the making: each `on` is one row of the table event × phase → next phase, actions.
class Table {
public:
    Table(const Assignment& assignment, const Campaign& campaign, UtcTime now)
        : decision_{assignment, {}, {}, {}},
          next_(decision_.next),
          campaign_(campaign),
          now_(now) {}

    void on(const Deployed&) {
        record();
        say();
    }

    void on(const VehicleWoke&) {
        next_.repeats = 0;
        if (!waits_until_later()) say();
    }

    void on(const Started&) {
        if (!waits_until_later()) say();
    }

    void on(const TimePassed&) {
        if (now_ < next_.say_again_at) return;
        next_.repeats = static_cast<std::uint8_t>(std::min(next_.repeats + 1, 254));
        say();
    }

    void on(const InventoryReceived& event) {
        if (event.inventory.vin != next_.vin) return;
        if (event.inventory.shows(campaign_.software())) return enter(verified);
        if (next_.phase != assigned) return;
        const Resolution resolution = resolve(campaign_.targets, &event.inventory, event.known);
        if (resolution.must_wait()) return;  // an ECU did not answer this time; the timer asks again
        if (!resolution.possible()) return end_for(resolution);
        enter(notified);
        say();
    }

    // What is being installed is the vehicle's own business; until then it is called back.
    void on(const NotDirectable& event) {
        if (next_.reached >= installing || event.why.possible()) return;
        if (event.why.must_wait()) {
            wait(event.why.obstacles.front().error.code(), event.why.in_one_sentence(), repeat_after_s);
            decision_.actions = {request_inventory};
            return;
        }
        end_for(event.why);
        decision_.actions = {withdraw_campaign};
    }

    void on(const CampaignAnswered& event) {
        if (next_.reached != notified) return;
        switch (event.answer) {
            case Answer::accept: enter(accepted); return say();
            case Answer::decline: return end(declined, {}, "declined in the vehicle");
            case Answer::later: return wait({}, "put off in the vehicle", event.retry_after_s);
        }
    }

    void on(const ReadinessAnswered& event) {
        if (next_.reached != accepted) return;
        if (!event.readiness.ready)
            return wait(vehicle::faults::not_ready.code, reasons_in_one_sentence(event.readiness),
                        event.readiness.retry_after_s);
        if (next_.phase == waiting) enter(accepted);
        decision_.actions = {direct_vehicle, send_metadata};
        heard();
    }

    void on(const StatusReported& event) {
        if (!vehicle_may_report(event.phase) || event.sequence <= next_.last_sequence) return;
        next_.last_sequence = event.sequence;
        if (on_the_way(event.phase) && event.phase < next_.reached) return;  // progress never goes back
        const bool news = event.phase == activated && next_.phase != activated;
        move_to(event.phase);
        next_.percent = event.percent;
        next_.code = event.code;
        next_.detail = event.detail;
        record(event.ecu);
        heard();
        if (news) decision_.actions = {request_inventory};
        if (is_final(event.phase)) decision_.actions = {withdraw_targets};
    }

    void on(const Cancelled&) {
        if (next_.reached >= installing) {
            decision_.refusal = Error(faults::too_late, std::format("it is {}", to_string(next_.phase)));
            return;
        }
        end(cancelled, {}, "cancelled by an operator");
        decision_.actions = {withdraw_campaign};
    }

    Decision take() && { return std::move(decision_); }

private:
    void move_to(Phase phase) {
        if (next_.phase != phase) next_.changed = now_;
        next_.phase = phase;
        if (on_the_way(phase)) next_.reached = std::max(next_.reached, phase);
    }

    void enter(Phase phase) { end(phase, {}, {}); }

    void end(Phase phase, std::string_view code, std::string_view detail) {
        move_to(phase);
        next_.percent = 0;
        next_.code = code;
        next_.detail = detail;
        record();
    }

    void end_for(const Resolution& resolution) {
        const Obstacle& first = *std::ranges::find_if(
            resolution.obstacles, [](const Obstacle& one) { return one.error.remedy() != Remedy::wait; });
        end(failed, first.error.code(), resolution.in_one_sentence());
        decision_.record->ecu = first.ecu;
    }

    void wait(std::string_view code, std::string_view detail, std::uint32_t retry_after_s) {
        end(waiting, code, detail);
        next_.repeats = 0;
        next_.say_again_at = now_ + std::chrono::seconds(std::max(retry_after_s, 1u));
    }

    void record(std::optional<EcuId> ecu = {}) {
        decision_.record = Record{next_.phase, ecu, next_.percent, next_.code, next_.detail};
    }

    // Put off by the driver or by the vehicle's conditions, until a time that has not come. Later phases wait by
    // themselves.
    [[nodiscard]] bool waits_until_later() const {
        return next_.phase == waiting && next_.reached < downloading && now_ < next_.say_again_at;
    }

    void heard() {
        next_.repeats = 0;
        schedule();
    }

    void say() {
        decision_.actions = words_for(next_.reached);
        schedule();
    }

    void schedule() {
        const std::uint32_t doubled = repeat_after_s << std::min<std::uint8_t>(next_.repeats, 11);
        next_.say_again_at = now_ + std::chrono::seconds(std::min(doubled, repeat_after_s_max));
    }

    Decision decision_;
    Assignment& next_;
    const Campaign& campaign_;
    UtcTime now_;
};

}  // namespace

std::string_view to_string(Action action) {
    switch (action) {
        case request_inventory: return "request inventory";
        case offer_campaign: return "offer campaign";
        case request_readiness: return "request readiness";
        case direct_vehicle: return "direct vehicle";
        case send_metadata: return "send metadata";
        case withdraw_targets: return "withdraw targets";
        case withdraw_campaign: return "withdraw campaign";
    }
    return "";
}

Decision decide(const Assignment& assignment, const Event& event, const Campaign& campaign, UtcTime now) {
    if (is_final(assignment.phase)) {
        Decision nothing{assignment, {}, {}, {}};
        if (std::holds_alternative<Cancelled>(event))
            nothing.refusal = Error(faults::finished, std::format("it is {}", to_string(assignment.phase)));
        return nothing;
    }
    Table table(assignment, campaign, now);
    std::visit([&table](const auto& what) { table.on(what); }, event);
    return std::move(table).take();
}

}  // namespace pitstop::campaign
