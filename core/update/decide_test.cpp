#include "core/update/decide.h"

#include "core/update/sample_job_test.h"
#include "core/uptane/faults.h"
#include "core/vehicle/faults.h"
#include "core/wire/envelope.h"

#include <gtest/gtest.h>

namespace pitstop::update {
namespace {

using namespace sample;
using campaign::Phase;

constexpr Fault silent{"test.silent", Remedy::retry, "", ""};
constexpr Fault no{"test.no", Remedy::refuse, "", ""};
constexpr Fault lies{"test.lies", Remedy::distrust, "", ""};
constexpr Fault not_now{"test.not-now", Remedy::wait, "", ""};

// The gateway between two events: feeds them in and remembers what came out.
struct Gateway {
    Rules rules{vin, Consent::automatic, "0.1.0"};
    State state = State::fresh(noon);
    UtcTime now = noon;
    std::vector<Action> actions{};  // of the last event

    Gateway& on(Event event) {
        Decision decision = decide(state, event, rules, now);
        state = std::move(decision.next);
        actions = std::move(decision.actions);
        return *this;
    }
    template <class T>
    std::vector<T> did() const {
        std::vector<T> found;
        for (const Action& action : actions)
            if (const T* it = std::get_if<T>(&action)) found.push_back(*it);
        return found;
    }
    std::vector<wire::Message> said() const {
        std::vector<wire::Message> messages;
        for (const Send& send : did<Send>())
            for (const Outgoing& message : state.outbox)
                if (message.id == send.id)
                    messages.push_back(wire::from_bytes(view_of(message.text), message.topic)->message);
        return messages;
    }
    // The phase of the last status in the outbox, with its code.
    std::pair<Phase, std::string> told() const {
        for (auto it = state.outbox.rbegin(); it != state.outbox.rend(); ++it) {
            const auto envelope = wire::from_bytes(view_of(it->text), it->topic);
            if (const auto* status = std::get_if<wire::OtaStatus>(&envelope->message))
                return {status->phase, status->code};
        }
        return {Phase::assigned, ""};
    }
    Step step() const { return state.job ? state.job->step : Step::offered; }
};

vehicle::Readiness ready() { return {true, {}, 0}; }
OfferReceived offer() { return {wire::offer_of(campaign(), 2128)}; }
MetadataAnnounced announced() { return {announcement()}; }

// A gateway that has come as far as this step.
Gateway at(Step step) {
    Gateway gateway;
    gateway.on(offer());
    if (step == Step::accepted) return gateway;
    gateway.on(announced());
    if (step == Step::trusting) return gateway;
    gateway.on(MetadataTrusted{members()});
    if (step == Step::downloading) return gateway;
    gateway.on(Downloaded{});
    if (step == Step::judging) return gateway;
    gateway.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
    if (step == Step::staging) return gateway;
    gateway.on(EcuDone{Work::stage, brake}).on(EcuDone{Work::stage, radio});
    if (step == Step::activating) return gateway;
    gateway.on(EcuDone{Work::activate, brake}).on(EcuDone{Work::activate, radio});
    return gateway;
}

using Flashes = std::vector<Flash>;
Flashes both(Work work) { return {{work, brake}, {work, radio}}; }

TEST(Decide, GoesThroughTheStepsOneAfterTheOther) {
    Gateway car;
    car.on(offer());
    EXPECT_EQ(car.said(),
              std::vector<wire::Message>{(wire::OtaCampaignResponse{campaign().id, campaign::Answer::accept, 0})});
    car.on(announced());
    EXPECT_EQ(car.did<FetchMetadata>().size(), 1u);
    car.on(MetadataTrusted{members()});
    EXPECT_EQ(car.did<Download>().size(), 1u);
    EXPECT_EQ(car.told().first, Phase::downloading);
    car.on(Downloaded{});
    EXPECT_EQ(car.told().first, Phase::downloaded);
    EXPECT_EQ(car.did<JudgeReadiness>(), (std::vector<JudgeReadiness>{{Asker::ourselves, campaign().id, 0}}));
    car.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
    EXPECT_EQ(car.did<Flash>(), both(Work::stage));
    car.on(EcuDone{Work::stage, radio});
    EXPECT_TRUE(car.did<Flash>().empty()) << "nothing is activated before everything is staged";
    car.on(EcuDone{Work::stage, brake});
    EXPECT_EQ(car.told().first, Phase::installed);
    EXPECT_EQ(car.did<Flash>(), both(Work::activate));
    car.on(EcuDone{Work::activate, radio}).on(EcuDone{Work::activate, brake});
    EXPECT_EQ(car.did<Flash>(), both(Work::confirm)) << "nothing is committed before everything runs";
    car.on(EcuDone{Work::confirm, radio}).on(EcuDone{Work::confirm, brake});
    EXPECT_EQ(car.told().first, Phase::activated);
    EXPECT_EQ(car.did<ReadInventory>().size(), 1u);
    EXPECT_EQ(car.did<DropPackage>(), std::vector<DropPackage>{{campaign().id}});
    EXPECT_FALSE(car.state.job);
}

TEST(Decide, AsksTheDriverWhereTheyDecide) {
    Gateway car{.rules = {vin, Consent::ask, ""}};
    car.on(offer());
    EXPECT_EQ(car.did<AskDriver>().size(), 1u);
    EXPECT_TRUE(car.said().empty());
    car.on(DriverAnswered{campaign::Answer::later, 600});
    EXPECT_EQ(car.said(),
              std::vector<wire::Message>{(wire::OtaCampaignResponse{campaign().id, campaign::Answer::later, 600})});
    car.on(announced());
    EXPECT_TRUE(car.did<FetchMetadata>().empty()) << "no consent yet";
    car.on(offer());
    EXPECT_EQ(car.did<AskDriver>().size(), 1u);
    car.on(DriverAnswered{campaign::Answer::accept, 0});
    EXPECT_EQ(car.did<FetchMetadata>().size(), 1u) << "the announcement was kept";

    Gateway other{.rules = {vin, Consent::ask, ""}};
    other.on(offer()).on(DriverAnswered{campaign::Answer::decline, 0});
    EXPECT_FALSE(other.state.job);
    EXPECT_EQ(other.said(),
              std::vector<wire::Message>{(wire::OtaCampaignResponse{campaign().id, campaign::Answer::decline, 0})});
}

TEST(Decide, RepeatedMessagesHaveOneEffect) {
    Gateway car = at(Step::staging);
    const std::optional<Job> before = car.state.job;
    for (const Event& event :
         {Event(offer()), Event(announced()), Event(MetadataTrusted{members()}), Event(Downloaded{}),
          Event(ReadinessJudged{Asker::ourselves, campaign().id, ready()}), Event(EcuDone{Work::activate, brake}),
          Event(WorkFailed{Work::download, {}, Error(lies)}), Event(DriverAnswered{campaign::Answer::decline, 0}),
          Event(CancelReceived{campaign().id})}) {
        car.on(event);
        EXPECT_EQ(car.state.job, before) << "event " << event.index();
        EXPECT_TRUE(car.did<Flash>().empty());
    }
}

TEST(Decide, OneCampaignAtATime) {
    Gateway car = at(Step::downloading);
    wire::OtaCampaign second = offer().offer;
    second.campaign = *CampaignId::parse("OTA-2");
    car.on(OfferReceived{second});
    EXPECT_EQ(car.said(), std::vector<wire::Message>{(wire::OtaCampaignResponse{
                              second.campaign, campaign::Answer::later, busy_retry_after_s})});
    EXPECT_EQ(car.state.job->campaign, campaign().id);
}

TEST(Decide, AfterItsEndACampaignIsToldAgainButNotBegunAgain) {
    Gateway car = at(Step::trusting);
    car.on(WorkFailed{Work::trust, {}, Error(uptane::faults::rolled_back)});
    car.state.outbox.clear();
    car.on(announced());
    EXPECT_FALSE(car.state.job);
    EXPECT_EQ(car.told(), std::pair(Phase::failed, std::string(uptane::faults::rolled_back.code)));
    car.on(offer());
    EXPECT_EQ(car.step(), Step::accepted) << "a new offer is a new deployment";
}

TEST(Decide, TheRemedyDecidesBeforeAnythingIsInstalled) {
    for (const auto& [step, work] :
         {std::pair(Step::trusting, Work::trust), std::pair(Step::downloading, Work::download)}) {
        for (const Fault* fault : {&lies, &no}) {
            Gateway car = at(step);
            car.on(WorkFailed{work, {}, Error(*fault)});
            EXPECT_EQ(car.told(), std::pair(Phase::failed, std::string(fault->code)));
            EXPECT_EQ(car.did<DropPackage>().size(), 1u);
            EXPECT_FALSE(car.state.job);
        }
        Gateway car = at(step);
        car.on(WorkFailed{work, {}, Error(not_now)});
        EXPECT_EQ(car.told(), std::pair(Phase::waiting, std::string(not_now.code)));
        EXPECT_EQ(car.step(), step);
    }
}

TEST(Decide, TriesAgainAfterGrowingPausesAndEndsAtACap) {
    Gateway car = at(Step::downloading);
    std::int64_t last_pause_s = 0;
    int tries = 0;
    while (car.state.job) {
        ASSERT_LT(++tries, 100);
        car.on(WorkFailed{Work::download, {}, Error(silent)});
        if (!car.state.job) break;
        const std::int64_t pause_s = car.state.job->again_at->seconds - car.now.seconds;
        EXPECT_GE(pause_s, last_pause_s);
        car.on(TimePassed{});
        EXPECT_TRUE(car.did<Download>().empty());
        car.now = car.now + std::chrono::seconds(pause_s);
        car.on(TimePassed{});
        EXPECT_EQ(car.did<Download>().size(), 1u);
        last_pause_s = pause_s;
    }
    EXPECT_EQ(tries, retries_max + 1);
    EXPECT_EQ(car.told(), std::pair(Phase::failed, std::string(silent.code)));

    Gateway moving = at(Step::downloading);
    for (std::uint8_t i = 0; i < retries_max; ++i) moving.on(WorkFailed{Work::download, {}, Error(silent)});
    moving.on(DownloadProgressed{500}).on(WorkFailed{Work::download, {}, Error(silent)});
    EXPECT_TRUE(moving.state.job) << "a download that moves on is not given up";
}

TEST(Decide, WaitsForTheVehiclesConditionsBeforeInstalling) {
    Gateway car = at(Step::judging);
    car.on(ReadinessJudged{Asker::ourselves, campaign().id, {false, {"moving"}, 300}});
    EXPECT_EQ(car.told(), std::pair(Phase::waiting, std::string(vehicle::faults::not_ready.code)));
    car.now = car.now + std::chrono::seconds(300);
    EXPECT_EQ(car.on(TimePassed{}).did<JudgeReadiness>().size(), 1u);
    car.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
    EXPECT_EQ(car.did<Flash>(), both(Work::stage));
}

TEST(Decide, IfOneEcuCannotBeStagedNoneIsActivated) {
    Gateway car = at(Step::staging);
    car.on(EcuDone{Work::stage, radio}).on(WorkFailed{Work::stage, brake, Error(lies)});
    EXPECT_EQ(car.did<StopWork>().size(), 1u);
    EXPECT_EQ(car.did<Flash>(), both(Work::undo));
    car.on(EcuDone{Work::undo, brake}).on(EcuDone{Work::undo, radio});
    EXPECT_EQ(car.told(), std::pair(Phase::failed, std::string(lies.code)));
}

TEST(Decide, IfOneEcuDoesNotStartAllGoBack) {
    Gateway car = at(Step::activating);
    car.on(EcuDone{Work::activate, radio}).on(WorkFailed{Work::activate, brake, Error(lies)});
    EXPECT_EQ(car.did<Flash>(), both(Work::undo));
    car.on(EcuDone{Work::undo, brake}).on(EcuDone{Work::undo, radio});
    EXPECT_EQ(car.told(), std::pair(Phase::rolled_back, std::string(lies.code)));
}

TEST(Decide, ARefusalIsTriedAFewTimesAndToldRatherThanTheSilenceAfterIt) {
    Gateway car = at(Step::staging);
    for (int tries = 1; car.step() == Step::staging; ++tries) {
        ASSERT_LT(tries, 20);
        car.on(WorkFailed{Work::stage, brake, tries == 2 ? Error(silent) : Error(no)});
        car.now = car.now + std::chrono::seconds(pause_s_max);
        car.on(TimePassed{});
    }
    EXPECT_EQ(car.state.job->trouble.code, no.code);
}

TEST(Decide, AnEcuThatCannotGoBackIsNamed) {
    Gateway car = at(Step::activating);
    car.on(WorkFailed{Work::activate, brake, Error(lies)});
    car.on(EcuDone{Work::undo, radio}).on(WorkFailed{Work::undo, brake, Error(lies)});
    EXPECT_EQ(car.told().first, Phase::rolled_back);
    EXPECT_NE(car.state.ended->trouble.detail.find("ECU_011 could not go back"), std::string::npos);
}

TEST(Decide, HasPatienceWithAnEcuThatIsSilentWhenOthersHaveCommitted) {
    Gateway car = at(Step::confirming);
    car.on(EcuDone{Work::confirm, radio});
    for (int i = 0; i < 3 * retries_max; ++i) {
        car.on(WorkFailed{Work::confirm, brake, Error(silent)});
        ASSERT_EQ(car.step(), Step::confirming);
        car.now = car.now + std::chrono::seconds(pause_s_max);
        ASSERT_EQ(car.on(TimePassed{}).did<Flash>(), (Flashes{{Work::confirm, brake}}));
    }
    EXPECT_EQ(car.told(), std::pair(Phase::waiting, std::string(silent.code)));
    car.on(EcuDone{Work::confirm, brake});
    EXPECT_EQ(car.told().first, Phase::activated);
}

TEST(Decide, WhereEverythingIsInstalledAlreadyTheInventoryProvesIt) {
    Gateway car = at(Step::trusting);
    car.on(MetadataTrusted{});
    EXPECT_EQ(car.told().first, Phase::activated);
    EXPECT_EQ(car.did<ReadInventory>().size(), 1u);
    EXPECT_TRUE(car.did<Flash>().empty());
}

TEST(Decide, ASilentEcuDoesNotHoldUpTheOthers) {
    Gateway car = at(Step::judging);
    car.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
    EXPECT_EQ(car.did<Flash>(), both(Work::stage)) << "who may use a bus when is decided where the bus is";
    car.on(WorkFailed{Work::stage, brake, Error(silent)}).on(EcuDone{Work::stage, radio});
    EXPECT_EQ(car.state.job->members[1].progress, Progress::done);
    car.now = car.now + std::chrono::seconds(1);
    EXPECT_EQ(car.on(TimePassed{}).did<Flash>(), (Flashes{{Work::stage, brake}}));
}

TEST(Decide, CanBeCancelledUntilItInstalls) {
    for (const Step step : {Step::accepted, Step::trusting, Step::downloading, Step::judging}) {
        Gateway car = at(step);
        car.on(CancelReceived{campaign().id});
        EXPECT_FALSE(car.state.job);
        EXPECT_EQ(car.told().first, Phase::cancelled);
        EXPECT_EQ(car.did<StopWork>().size(), 1u);
    }
}

TEST(Decide, ReportsTheInventoryWhenAskedButNotWhileItFlashes) {
    Gateway idle;
    EXPECT_EQ(idle.on(VciRequested{}).did<ReadInventory>().size(), 1u);
    idle.on(WorkFailed{Work::read_inventory, {}, Error(silent)});
    idle.now = idle.now + std::chrono::seconds(1);
    EXPECT_EQ(idle.on(TimePassed{}).did<ReadInventory>().size(), 1u);
    idle.on(InventoryRead{{vin, noon, {}, {}}});
    EXPECT_EQ(idle.said().size(), 1u);

    Gateway busy = at(Step::staging);
    EXPECT_TRUE(busy.on(VciRequested{}).did<ReadInventory>().empty());
    EXPECT_TRUE(busy.state.inventory_owed);
}

TEST(Decide, AnswersTheServersQuestionForReadiness) {
    Gateway car;
    car.on(ReadinessRequested{campaign().id});
    EXPECT_EQ(car.did<JudgeReadiness>().size(), 1u);
    car.on(ReadinessJudged{Asker::server, campaign().id, {false, {"moving"}, 60}});
    EXPECT_EQ(car.said(),
              std::vector<wire::Message>{(wire::ReadinessResponse{campaign().id, {false, {"moving"}, 60}})});
}

TEST(Decide, WakesUpAtEveryConnectAfterWhatIsStillUnsaid) {
    Gateway car = at(Step::downloading);
    car.on(Started{"boot-1"}).on(Connected{wire::Channel{"g", "s", "c"}, {}});
    const std::vector<wire::Message> said = car.said();
    ASSERT_GE(said.size(), 2u);
    EXPECT_EQ(said.back(), wire::Message(wire::Wakeup{"boot-1", 1, "0.1.0", wire::Channel{"g", "s", "c"}, {}}));
    const std::size_t kept = car.state.outbox.size();
    car.on(Connected{});
    EXPECT_EQ(car.state.outbox.size(), kept) << "one unheard wake-up is enough";
    const wire::MessageId first = car.state.outbox[0].id;
    EXPECT_EQ(car.on(Acknowledged{first}).state.outbox.size(), kept - 1);
}

constexpr Fault other_base{"delta.other-base", Remedy::refuse, "", ""};

std::vector<Member> members_with_a_delta() {
    std::vector<Member> all = members();
    all[0].target.delivery = uptane::Delivery{*Form::parse("delta"), 99, digest(77), old_image()};
    all[0].source = Source::payload;
    all[0].stored_size_bytes = 99;
    return all;
}
Gateway staging_a_delta() {
    Gateway car;
    car.on(offer()).on(announced()).on(MetadataTrusted{members_with_a_delta()}).on(Downloaded{});
    return car.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
}

TEST(Decide, AsksForAnotherFormWhenAnEcuCannotOpenTheOneItGot) {
    Gateway car = staging_a_delta();
    ASSERT_EQ(car.did<Flash>(), both(Work::stage));
    car.on(WorkFailed{Work::stage, brake, Error(other_base, "another image")});
    EXPECT_EQ(car.told(), std::pair(Phase::installing, std::string("delta.other-base")));
    EXPECT_EQ(car.did<StopWork>().size(), 1u);
    EXPECT_EQ(car.step(), Step::accepted);
    car.on(Started{"again"});
    EXPECT_TRUE(car.actions.empty()) << "it is the server's turn";
    car.on(announced());
    EXPECT_EQ(car.did<FetchMetadata>().size(), 1u) << "no consent is asked for again";
    car.on(MetadataTrusted{members()}).on(Downloaded{});
    car.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
    EXPECT_EQ(car.did<Flash>(), both(Work::stage));
    car.on(EcuDone{Work::stage, radio}).on(EcuDone{Work::stage, brake});
    EXPECT_EQ(car.step(), Step::activating);
}

TEST(Decide, DoesNotAskForAnotherFormForEver) {
    Gateway car = staging_a_delta();
    for (std::ptrdiff_t i = 0; i < unopened_max; ++i) {
        car.on(WorkFailed{Work::stage, brake, Error(other_base)});
        ASSERT_EQ(car.step(), Step::accepted);
        car.on(announced()).on(MetadataTrusted{members_with_a_delta()}).on(Downloaded{});
        car.on(ReadinessJudged{Asker::ourselves, campaign().id, ready()});
    }
    for (int i = 0; i <= refusals_max && car.step() == Step::staging; ++i) {
        car.now = car.now + std::chrono::seconds(pause_s_max);
        car.on(TimePassed{}).on(WorkFailed{Work::stage, brake, Error(other_base)});
    }
    EXPECT_EQ(car.step(), Step::undoing) << "a server that does not listen is no reason to wear out a flash";
}

TEST(Decide, TakesAnyOtherRefusalAsOne) {
    Gateway plain = at(Step::staging);
    plain.on(WorkFailed{Work::stage, brake, Error(other_base)});
    EXPECT_EQ(plain.step(), Step::staging) << "there was no delta";
    EXPECT_EQ(staging_a_delta().on(WorkFailed{Work::stage, brake, Error(no)}).step(), Step::staging);
    EXPECT_EQ(staging_a_delta().on(WorkFailed{Work::stage, brake, Error(lies)}).step(), Step::undoing);
}

}  // namespace
}  // namespace pitstop::update
