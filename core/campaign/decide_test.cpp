#include "core/campaign/decide.h"

#include "core/campaign/faults.h"
#include "core/vehicle/faults.h"

#include <gtest/gtest.h>
#include <random>

namespace pitstop::campaign {
namespace {

using enum Phase;
using enum Action;
using Actions = std::vector<Action>;

const Vin vin = *Vin::parse("VIN01");
const EcuId brake = *EcuId::parse("ECU_011");
constexpr UtcTime noon{1'800'000'000};

Sha256Digest digest(std::uint8_t fill) {
    Sha256Digest result;
    result.fill(fill);
    return result;
}

Campaign campaign() {
    return {
        *CampaignId::parse("OTA-1"),
        "Brakes",
        "",
        Priority::patch,
        {{brake, *HardwareId::parse("BRAKE-A"), *TargetName::parse("BRAKE-A/x.img"), {1, 1, 0}, 2, digest(2), 1000}}};
}

Assignment at(Phase phase, Phase reached) {
    Assignment assignment = Assignment::make(vin, campaign().id, noon);
    assignment.phase = phase;
    assignment.reached = reached;
    assignment.last_sequence = 10;
    return assignment;
}
Assignment at(Phase phase) { return at(phase, on_the_way(phase) ? phase : assigned); }

InventoryReceived inventory(Version version, std::uint8_t image, const char* hardware = "BRAKE-A") {
    return {{vin,
             noon,
             {{brake, *HardwareId::parse(hardware), version, "", "", "", digest(image), vehicle::Link::can_fd}},
             {}}};
}
const Event old_inventory = inventory({1, 0, 0}, 1);
const Event new_inventory = inventory({1, 1, 0}, 2);
const Event silent_inventory = InventoryReceived{{vin, noon, {}, {{brake, "uds.no-answer", ""}}}};

StatusReported status(Phase phase, std::uint64_t sequence = 11, std::string code = {}) {
    return {sequence, phase, brake, 50, std::move(code), "said by the car"};
}
const Event other_car_inventory = InventoryReceived{{vin, noon, {}, {}}};
const vehicle::Inventory nothing_there{vin, noon, {}, {}};
const Event no_inventory = NotDirectable{resolve(campaign().targets, nullptr, {})};
const Event not_directable = NotDirectable{resolve(campaign().targets, &nothing_there, {})};
Event ready(bool yes) {
    return ReadinessAnswered{
        {yes, yes ? std::vector<std::string>{} : std::vector<std::string>{"moving"}, yes ? 0u : 300u}};
}

struct Row {
    const char* story;
    Assignment before;
    Event event;
    Phase after;
    Actions actions;
};

TEST(Decide, FollowsTheTable) {
    const Row rows[] = {
        {"deployment asks what is installed", at(assigned), Deployed{}, assigned, {request_inventory}},
        {"a waking car is asked what is installed", at(assigned), VehicleWoke{}, assigned, {request_inventory}},
        {"an inventory that lacks the target leads to the offer",
         at(assigned),
         old_inventory,
         notified,
         {offer_campaign}},
        {"a silent ECU leads to nothing yet", at(assigned), silent_inventory, assigned, {}},
        {"other hardware ends it", at(assigned), inventory({1, 0, 0}, 1, "BRAKE-B"), failed, {}},
        {"already installed is verified at once", at(assigned), new_inventory, verified, {}},
        {"the right version with other bytes is not verified", at(activated), inventory({1, 1, 0}, 9), activated, {}},
        {"the offer is repeated when the car wakes", at(notified), VehicleWoke{}, notified, {offer_campaign}},
        {"yes", at(notified), CampaignAnswered{Answer::accept}, accepted, {request_readiness}},
        {"no", at(notified), CampaignAnswered{Answer::decline}, declined, {}},
        {"later", at(notified), CampaignAnswered{Answer::later, 600}, waiting, {}},
        {"later, then yes", at(waiting, notified), CampaignAnswered{Answer::accept}, accepted, {request_readiness}},
        {"yes again", at(accepted), CampaignAnswered{Answer::accept}, accepted, {}},
        {"no, but too late", at(downloading), CampaignAnswered{Answer::decline}, downloading, {}},
        {"ready", at(accepted), ready(true), accepted, {direct_vehicle, send_metadata}},
        {"not ready", at(accepted), ready(false), waiting, {}},
        {"ready after waiting", at(waiting, accepted), ready(true), accepted, {direct_vehicle, send_metadata}},
        {"ready, said late", at(installing), ready(true), installing, {}},
        {"a report moves on", at(accepted), status(downloading), downloading, {}},
        {"a report may skip what was lost", at(notified), status(installing), installing, {}},
        {"a report never moves back", at(installing), status(downloading), installing, {}},
        {"a repeated report has no effect", at(downloading), status(downloaded, 10), downloading, {}},
        {"a car cannot call itself verified", at(activated), status(verified), activated, {}},
        {"a car cannot call itself accepted", at(notified), status(accepted), notified, {}},
        {"activated is checked by the inventory", at(installed), status(activated), activated, {request_inventory}},
        {"the inventory verifies", at(activated), new_inventory, verified, {}},
        {"the inventory verifies even if the reports were lost", at(installing), new_inventory, verified, {}},
        {"failed", at(installing), status(failed, 11, "flash.bad-digest"), failed, {withdraw_targets}},
        {"rolled back", at(activated), status(rolled_back, 11, "uds.no-answer"), rolled_back, {withdraw_targets}},
        {"the car was cancelled", at(downloaded), status(cancelled), cancelled, {withdraw_targets}},
        {"an inventory without the ECU ends it", at(assigned), other_car_inventory, failed, {}},
        {"what cannot be directed is called back", at(accepted), not_directable, failed, {withdraw_campaign}},
        {"what cannot be directed any more is called back",
         at(downloaded),
         not_directable,
         failed,
         {withdraw_campaign}},
        {"what is being installed is left alone", at(installing), not_directable, installing, {}},
        {"without an inventory it waits for one", at(accepted), no_inventory, waiting, {request_inventory}},
        {"the car waits", at(downloaded), status(waiting, 11, "vehicle.not-ready"), waiting, {}},
        {"the car goes on", at(waiting, downloaded), status(installing), installing, {}},
        {"a failed car stays failed", at(failed), new_inventory, failed, {}},
        {"a verified car stays verified", at(verified), status(rolled_back, 11, "x"), verified, {}},
        {"cancelled in time", at(downloaded), Cancelled{}, cancelled, {withdraw_campaign}},
        {"cancelled too late", at(installing), Cancelled{}, installing, {}},
        {"a car that lost its memory is told again",
         at(downloading),
         VehicleWoke{},
         downloading,
         {direct_vehicle, send_metadata}},
        {"a restarted server says it again", at(accepted), Started{}, accepted, {request_readiness}},
        {"a restarted server leaves ended ones alone", at(rolled_back), Started{}, rolled_back, {}},
    };
    for (const Row& row : rows) {
        const Decision decision = decide(row.before, row.event, campaign(), noon + std::chrono::seconds(30));
        EXPECT_EQ(decision.next.phase, row.after) << row.story << ": " << to_string(decision.next.phase);
        EXPECT_EQ(decision.actions, row.actions) << row.story;
        const bool moved = decision.next.phase != row.before.phase;
        EXPECT_TRUE(!moved || decision.record) << row.story << ": a change is written into the history";
    }
}

TEST(Decide, KeepsTheFaultCodeOfAFailure) {
    for (const Phase phase : {failed, rolled_back, waiting}) {
        const Decision decision = decide(at(installing), status(phase, 11, "flash.bad-digest"), campaign(), noon);
        EXPECT_EQ(decision.next.code, "flash.bad-digest");
        EXPECT_EQ(decision.record, (Record{phase, brake, 50, "flash.bad-digest", "said by the car"}));
    }
    EXPECT_EQ(decide(at(assigned), inventory({1, 0, 0}, 1, "BRAKE-B"), campaign(), noon).next.code,
              faults::wrong_hardware.code);
    const Decision refused = decide(at(accepted), not_directable, campaign(), noon);
    EXPECT_EQ(refused.next.code, faults::unknown_ecu.code);
    EXPECT_EQ(refused.record->ecu, brake);
    EXPECT_EQ(decide(at(accepted), no_inventory, campaign(), noon).next.code, faults::no_inventory.code);
    EXPECT_EQ(decide(at(accepted), ready(false), campaign(), noon).next.code, vehicle::faults::not_ready.code);
}

TEST(Decide, TellsTheOperatorWhyItCannotCancel) {
    EXPECT_TRUE(decide(at(installed), Cancelled{}, campaign(), noon).refusal->is(faults::too_late));
    EXPECT_TRUE(decide(at(verified), Cancelled{}, campaign(), noon).refusal->is(faults::finished));
    EXPECT_FALSE(decide(at(notified), Cancelled{}, campaign(), noon).refusal);
}

TEST(Decide, IgnoresAnotherVehiclesInventory) {
    InventoryReceived other = inventory({1, 1, 0}, 2);
    other.inventory.vin = *Vin::parse("VIN02");
    EXPECT_EQ(decide(at(activated), other, campaign(), noon).next, at(activated));
}

TEST(Decide, RepeatsItselfLessAndLessOftenUntilTheCarIsHeard) {
    Assignment assignment = decide(at(assigned), Deployed{}, campaign(), noon).next;
    std::uint32_t pause_s = repeat_after_s;
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(assignment.say_again_at, noon + std::chrono::seconds(assignment.say_again_at.seconds - noon.seconds));
        const UtcTime due = assignment.say_again_at;
        EXPECT_TRUE(decide(assignment, TimePassed{}, campaign(), due + std::chrono::seconds(-1)).actions.empty());
        const Decision decision = decide(assignment, TimePassed{}, campaign(), due);
        EXPECT_EQ(decision.actions, Actions{request_inventory});
        pause_s = std::min(pause_s * 2, repeat_after_s_max);
        EXPECT_EQ(decision.next.say_again_at, due + std::chrono::seconds(pause_s));
        assignment = decision.next;
    }
    EXPECT_EQ(decide(assignment, VehicleWoke{}, campaign(), noon).next.say_again_at,
              noon + std::chrono::seconds(repeat_after_s));
}

TEST(Decide, LeavesADriverAloneUntilTheTimeTheyChose) {
    const Assignment later = decide(at(notified), CampaignAnswered{Answer::later, 3600}, campaign(), noon).next;
    for (const Event& event : {Event(VehicleWoke{}), Event(Started{}), Event(TimePassed{})}) {
        EXPECT_TRUE(decide(later, event, campaign(), noon + std::chrono::seconds(3599)).actions.empty());
        EXPECT_EQ(decide(later, event, campaign(), noon + std::chrono::seconds(3600)).actions, Actions{offer_campaign});
    }
}

// Any order, duplication and loss of events.
TEST(Decide, IsNeverVerifiedWithoutAMatchingInventoryAndNeverLeavesAnEnd) {
    std::mt19937 dice(20261120);
    int verified_count = 0;
    for (int run = 0; run < 3000; ++run) {
        Assignment assignment = Assignment::make(vin, campaign().id, noon);
        UtcTime now = noon;
        std::uint64_t sequence = 0;
        for (int step = 0; step < 40; ++step) {
            now = now + std::chrono::seconds(dice() % 200);
            const std::uint64_t late_or_new = dice() % 3 == 0 ? dice() % (sequence + 1) : ++sequence;
            const Event events[] = {Deployed{},
                                    VehicleWoke{},
                                    old_inventory,
                                    silent_inventory,
                                    CampaignAnswered{static_cast<Answer>(dice() % 3), 60},
                                    ready(dice() % 2),
                                    Started{},
                                    TimePassed{},
                                    no_inventory,
                                    new_inventory,
                                    Cancelled{},
                                    not_directable,
                                    status(static_cast<Phase>(dice() % phase_count), late_or_new, "x"),
                                    status(static_cast<Phase>(dice() % phase_count), late_or_new, "x")};
            // the last four kinds end a run early, so they are rarer
            const Event& event = dice() % 8 == 0 ? events[dice() % std::size(events)] : events[dice() % 9];
            const Decision decision = decide(assignment, event, campaign(), now);
            const Assignment& next = decision.next;
            if (is_final(assignment.phase)) {
                ASSERT_EQ(next, assignment);
                ASSERT_TRUE(decision.actions.empty());
            }
            if (next.phase == verified && assignment.phase != verified) {
                ++verified_count;
                ASSERT_TRUE(std::holds_alternative<InventoryReceived>(event));
                ASSERT_TRUE(std::get<InventoryReceived>(event).inventory.shows(campaign().software()));
            }
            ASSERT_GE(next.reached, assignment.reached);
            const Decision again = decide(next, event, campaign(), now);
            ASSERT_EQ(again.next.phase, next.phase) << "a duplicate moved the phase at event " << event.index();
            assignment = next;
        }
    }
    EXPECT_GT(verified_count, 100) << "the walk must reach what it checks";
}

}  // namespace
}  // namespace pitstop::campaign
