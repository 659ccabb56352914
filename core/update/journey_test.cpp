// Both pure machines talk to each other: campaign::decide is the server, update::decide the gateway, a few maps are the
// car. The gateway loses its power at every single decision, before or after it saved, and messages get lost on the
// way.
#include "core/campaign/decide.h"
#include "core/update/decide.h"
#include "core/update/sample_job_test.h"
#include "core/wire/envelope.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>
#include <deque>
#include <random>
#include <set>

namespace pitstop::update {
namespace {

using namespace sample;
using campaign::Phase;

constexpr Fault refused_image{"test.refused-image", Remedy::distrust, "", ""};

enum class PowerCut { none, before_saving, after_saving };
enum class Misfortune { none, one_cannot_stage, one_does_not_start };

// One ECU's banks: what F011, F010 and a reset do, each as often as one likes.
struct Banks {
    enum class Phase { settled, staged, trial } phase = Phase::settled;
    bool runs_new = false, committed_new = false;

    void stage() {
        if (!runs_new) phase = Phase::staged;
    }
    void activate() {
        if (phase == Phase::staged) {
            phase = Phase::trial;
            runs_new = true;
        }
    }
    void confirm() {
        if (phase == Phase::trial) {
            phase = Phase::settled;
            committed_new = true;
        }
    }
    void undo() {
        if (phase != Phase::settled) {
            phase = Phase::settled;
            runs_new = false;
        }
    }
};

class Journey {
public:
    Journey(Misfortune misfortune, PowerCut cut, int cut_at) : misfortune_(misfortune), cut_(cut), cut_at_(cut_at) {}

    void lose_messages(unsigned seed) { dice_.emplace(seed); }

    void run() {
        boot();
        tell_server(campaign::Deployed{});
        for (int turn = 0; turn < 4000 && !settled(); ++turn) {
            now_ = now_ + std::chrono::seconds(1);
            if (!for_gateway_.empty()) {
                const Event event = for_gateway_.front();
                for_gateway_.pop_front();
                tell_gateway(event);
            } else {
                now_ = now_ + std::chrono::seconds(20);
                tell_gateway(TimePassed{});
                tell_server(campaign::TimePassed{});
            }
        }
    }

    campaign::Assignment assignment = campaign::Assignment::make(vin, sample::campaign().id, noon);
    std::map<EcuId, Banks> car{{brake, {}}, {radio, {}}};
    int decisions = 0;
    bool was_mixed = false;  // one ECU committed the new image while another had none to commit

private:
    bool settled() const { return campaign::is_final(assignment.phase) && !state_.job; }
    bool lost() { return dice_ && (*dice_)() % 4 == 0; }

    void boot() {
        for_gateway_.clear();  // what was under way is gone
        state_ = saved_.empty() ? State::fresh(now_) : *state_from_json(view_of(saved_));
        for_gateway_.push_back(Started{"boot"});
        for_gateway_.push_back(Connected{});
    }

    void tell_gateway(const Event& event) {
        const Decision decision = decide(state_, event, rules_, now_);
        const bool cut_now = ++decisions == cut_at_;
        if (cut_now && cut_ == PowerCut::before_saving) return boot();
        state_ = decision.next;
        saved_ = boost::json::serialize(to_json(state_));
        if (cut_now && cut_ == PowerCut::after_saving) return boot();
        for (const Action& action : decision.actions) std::visit([this](const auto& what) { perform(what); }, action);
    }

    void perform(const Send& send) {
        for (const Outgoing& message : state_.outbox) {
            if (message.id != send.id || lost()) continue;
            const auto envelope = *wire::from_bytes(view_of(message.text), message.topic);
            if (heard_.insert(envelope.id.str()).second) hear(envelope.message);
            if (!lost()) for_gateway_.push_back(Acknowledged{envelope.id});
            return;
        }
    }
    void perform(const AskDriver&) { for_gateway_.push_back(DriverAnswered{campaign::Answer::accept, 0}); }
    void perform(const JudgeReadiness& judge) {
        for_gateway_.push_back(ReadinessJudged{judge.asker, judge.campaign, {true, {}, 0}});
    }
    void perform(const FetchMetadata&) { for_gateway_.push_back(MetadataTrusted{members()}); }
    void perform(const Download&) {
        for (const std::uint64_t stored : {500u, 1500u, 2128u}) for_gateway_.push_back(DownloadProgressed{stored});
        for_gateway_.push_back(Downloaded{});
    }
    void perform(const ReadInventory&) {
        vehicle::Inventory inventory{vin, now_, {}, {}};
        for (const auto& [ecu, banks] : car)
            inventory.ecus.push_back({ecu, hardware, banks.runs_new ? new_version : old_version, "", "", "",
                                      banks.runs_new ? new_image(ecu) : old_image(), vehicle::Link::doip});
        for_gateway_.push_back(InventoryRead{inventory});
    }
    void perform(const StopWork&) {
        std::erase_if(for_gateway_, [](const Event& event) { return std::holds_alternative<EcuDone>(event); });
    }
    void perform(const DropPackage&) {}
    void perform(const Flash& flash) {
        Banks& banks = car.at(flash.ecu);
        const bool unlucky =
            flash.ecu == radio && ((flash.work == Work::stage && misfortune_ == Misfortune::one_cannot_stage) ||
                                   (flash.work == Work::activate && misfortune_ == Misfortune::one_does_not_start));
        if (unlucky) return for_gateway_.push_back(WorkFailed{flash.work, flash.ecu, Error(refused_image)});
        if (flash.work == Work::stage) banks.stage();
        if (flash.work == Work::activate) banks.activate();
        if (flash.work == Work::confirm) banks.confirm();
        if (flash.work == Work::undo) banks.undo();
        for (const auto& [ecu, each] : car) was_mixed |= banks.committed_new && !each.runs_new;
        for_gateway_.push_back(EcuDone{flash.work, flash.ecu});
    }

    void hear(const wire::Message& message) {
        if (std::holds_alternative<wire::Wakeup>(message)) tell_server(campaign::VehicleWoke{});
        if (const auto* it = std::get_if<wire::VciReport>(&message))
            tell_server(campaign::InventoryReceived{it->inventory});
        if (const auto* it = std::get_if<wire::OtaCampaignResponse>(&message))
            tell_server(campaign::CampaignAnswered{it->answer, it->retry_after_s});
        if (const auto* it = std::get_if<wire::ReadinessResponse>(&message))
            tell_server(campaign::ReadinessAnswered{it->readiness});
        if (const auto* it = std::get_if<wire::OtaStatus>(&message))
            tell_server(campaign::StatusReported{it->sequence, it->phase, it->ecu, it->percent.value_or(0), it->code,
                                                 it->detail});
    }

    void tell_server(const campaign::Event& event) {
        const campaign::Decision decision = campaign::decide(assignment, event, sample::campaign(), now_);
        assignment = decision.next;
        for (const campaign::Action action : decision.actions) {
            if (lost()) continue;
            switch (action) {
                case campaign::Action::request_inventory: for_gateway_.push_back(VciRequested{}); break;
                case campaign::Action::offer_campaign:
                    for_gateway_.push_back(OfferReceived{wire::offer_of(sample::campaign(), 2128)});
                    break;
                case campaign::Action::request_readiness:
                    for_gateway_.push_back(ReadinessRequested{sample::campaign().id});
                    break;
                case campaign::Action::send_metadata: for_gateway_.push_back(MetadataAnnounced{announcement()}); break;
                case campaign::Action::withdraw_campaign:
                    for_gateway_.push_back(CancelReceived{sample::campaign().id});
                    break;
                case campaign::Action::direct_vehicle:
                case campaign::Action::withdraw_targets: break;
            }
        }
    }

    Misfortune misfortune_;
    PowerCut cut_;
    int cut_at_;
    std::optional<std::mt19937> dice_;
    Rules rules_{vin, Consent::automatic, "0.1.0"};
    UtcTime now_ = noon;
    State state_ = State::fresh(noon);
    std::string saved_;
    std::deque<Event> for_gateway_;
    std::set<std::string> heard_;
};

void expect_end(const Journey& journey, Misfortune misfortune, const std::string& where) {
    const bool good = misfortune == Misfortune::none;
    const Phase end = good                                         ? Phase::verified
                      : misfortune == Misfortune::one_cannot_stage ? Phase::failed
                                                                   : Phase::rolled_back;
    EXPECT_EQ(journey.assignment.phase, end) << where << ": " << campaign::to_string(journey.assignment.phase);
    EXPECT_EQ(journey.assignment.code, good ? "" : refused_image.code) << where;
    EXPECT_FALSE(journey.was_mixed) << where;
    for (const auto& [ecu, banks] : journey.car) {
        EXPECT_EQ(banks.runs_new, good) << where;
        EXPECT_EQ(banks.committed_new, good) << where;
        EXPECT_EQ(banks.phase, Banks::Phase::settled) << where;
    }
}

TEST(Journey, EndsTheSameWhereverTheGatewayLosesItsPower) {
    int cuts = 0;
    for (const Misfortune misfortune :
         {Misfortune::none, Misfortune::one_cannot_stage, Misfortune::one_does_not_start}) {
        Journey smooth(misfortune, PowerCut::none, 0);
        smooth.run();
        expect_end(smooth, misfortune, "smooth");
        ASSERT_GT(smooth.decisions, 20);
        for (const PowerCut cut : {PowerCut::before_saving, PowerCut::after_saving})
            for (int at = 1; at <= smooth.decisions; ++at, ++cuts) {
                Journey journey(misfortune, cut, at);
                journey.run();
                expect_end(journey, misfortune,
                           std::format("misfortune {}, cut {} at {}", int(misfortune), int(cut), at));
            }
    }
    EXPECT_GT(cuts, 120);
}

TEST(Journey, EndsTheSameWhateverMessagesAreLost) {
    for (unsigned seed = 1; seed <= 60; ++seed)
        for (const Misfortune misfortune : {Misfortune::none, Misfortune::one_does_not_start}) {
            Journey journey(misfortune, seed % 2 ? PowerCut::before_saving : PowerCut::after_saving,
                            static_cast<int>(seed % 40) + 1);
            journey.lose_messages(seed);
            journey.run();
            expect_end(journey, misfortune, std::format("seed {}", seed));
        }
}

}  // namespace
}  // namespace pitstop::update
