#include "core/update/state.h"

#include "core/update/faults.h"
#include "core/update/outbox.h"
#include "core/update/sample_job_test.h"
#include "core/wire/envelope.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace pitstop::update {
namespace {

using namespace sample;

State full_state() {
    State state = State::fresh(noon);
    state.boot_id = "b";
    state.boot_seq = 3;
    state.inventory_owed = true;
    state.inventory_again_at = noon;
    state.job = Job{.campaign = campaign().id,
                    .title = "Brakes",
                    .download_bytes = 5,
                    .step = Step::staging,
                    .package = Package{"/p", 7, digest(1)},
                    .members = members(),
                    .activated = true,
                    .told_waiting = true,
                    .percent = 3,
                    .tries = 2,
                    .again_at = noon,
                    .trouble = {"a.b", "c"},
                    .refused = {brake, radio, brake}};
    state.job->members[0].target.delivery = uptane::Delivery{*Form::parse("delta"), 9, digest(3), digest(4)};
    state.job->members[0].source = Source::payload;
    state.job->members[0].progress = Progress::busy;
    state.job->members[1].trouble = {"uds.no-answer", "silent"};
    state.ended = Ended{campaign().id, campaign::Phase::rolled_back, {"x.y", "z"}};
    put(state, vin, wire::OtaStatus{campaign().id, next_number(state), campaign::Phase::installed, {}, {}, "", ""},
        "word", noon);
    return state;
}

TEST(State, ComesBackFromJsonAsItWas) {
    State through_a_gateway = full_state();
    through_a_gateway.job->members[0].part = Part::zonal_gateway;
    for (const State& state : {State::fresh(noon), full_state(), through_a_gateway})
        EXPECT_EQ(state_from_json(view_of(boost::json::serialize(to_json(state)))), state);
}

TEST(State, RefusesAFileThatIsNotAState) {
    EXPECT_TRUE(state_from_json(view_of("")).error().is(faults::bad_state));
    EXPECT_TRUE(state_from_json(view_of("{}")).error().is(faults::bad_state));
    json::Object state = to_json(full_state());
    state["job"].as_object()["step"] = "dancing";
    EXPECT_TRUE(state_from_json(view_of(boost::json::serialize(state))).error().is(faults::bad_state));
    state = to_json(full_state());
    state["job"].as_object()["members"].as_array()[0].as_object()["target"].as_object()["sha512"] = "00";
    EXPECT_TRUE(state_from_json(view_of(boost::json::serialize(state))).error().is(faults::bad_state));
}

TEST(State, IsReadAsGatewaysWroteItThatKnewNoDeliveries) {
    State plain = full_state();
    plain.job->refused.clear();
    plain.job->members[0].target.delivery.reset();
    plain.job->members[0].source = Source::package;
    json::Object older = to_json(plain);
    older["job"].as_object().erase("refused");
    for (json::Value& member : older["job"].as_object()["members"].as_array()) {
        member.as_object().erase("source");
        member.as_object().erase("part");
    }
    EXPECT_EQ(state_from_json(view_of(boost::json::serialize(older))), plain);
    older["job"].as_object()["refused"] = json::Array{7};
    EXPECT_TRUE(state_from_json(view_of(boost::json::serialize(older))).error().is(faults::bad_state));
}

TEST(State, AVehicleThatForgotEverythingStillCountsUpwards) {
    State before = State::fresh(noon);
    for (int i = 0; i < 1000; ++i) put(before, vin, wire::Telemetry{}, "", noon);
    EXPECT_LE(before.next_number, State::fresh(noon + std::chrono::seconds(1)).next_number);
}

TEST(Outbox, KeepsAMessageUntilItIsAcknowledged) {
    State state = State::fresh(noon);
    const wire::MessageId first =
        put(state, vin, wire::OtaStatus{campaign().id, 1, campaign::Phase::installed, {}, {}, "", ""}, "", noon);
    const wire::MessageId second =
        put(state, vin, wire::OtaStatus{campaign().id, 2, campaign::Phase::activated, {}, {}, "", ""}, "", noon);
    EXPECT_NE(first, second);
    EXPECT_EQ(take_for_sending(state, Which::all, noon), (std::vector{first, second}));
    EXPECT_TRUE(take_for_sending(state, Which::overdue, noon + std::chrono::seconds(send_again_after_s - 1)).empty());
    acknowledge(state, first);
    EXPECT_EQ(take_for_sending(state, Which::overdue, noon + std::chrono::seconds(send_again_after_s)),
              std::vector{second});
    const auto envelope = wire::from_bytes(view_of(state.outbox[0].text), state.outbox[0].topic);
    ASSERT_TRUE(envelope) << envelope.error().str();
    EXPECT_EQ(envelope->id, second);
}

TEST(Outbox, ANewerProgressReplacesTheOlderAndNothingElse) {
    State state = State::fresh(noon);
    put(state, vin, wire::Telemetry{}, "", noon);
    put(state, vin, wire::Telemetry{}, "progress", noon);
    const wire::MessageId newest = put(state, vin, wire::Telemetry{}, "progress", noon);
    ASSERT_EQ(state.outbox.size(), 2u);
    EXPECT_EQ(state.outbox[1].id, newest);
}

TEST(Outbox, StaysSmallHoweverLongTheServerIsSilent) {
    State state = State::fresh(noon);
    for (std::size_t i = 0; i < outbox_messages_max + 10; ++i) put(state, vin, wire::Telemetry{}, "", noon);
    EXPECT_EQ(state.outbox.size(), outbox_messages_max);
}

}  // namespace
}  // namespace pitstop::update
