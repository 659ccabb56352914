// A set of four ECUs, every subset of it failing in every step and manner, and the gateway losing its power on the way:
// in the end all run the new software, or all the old, or the vehicle says that its set is mixed.
#include "core/update/decide.h"
#include "core/update/faults.h"
#include "core/update/sample_job_test.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>
#include <deque>
#include <format>

namespace pitstop::update {
namespace {

using namespace sample;

constexpr Fault silent{"test.silent", Remedy::retry, "", ""};
constexpr Fault no{"test.no", Remedy::refuse, "", ""};
constexpr Fault lies{"test.lies", Remedy::distrust, "", ""};

constexpr unsigned ecus = 4;
enum class Manner { refusal, silence, distrust };

struct Misfortune {
    unsigned subset = 0;  // a bit for each ECU
    Work where = Work::stage;
    Manner manner = Manner::refusal;
};

EcuId ecu(unsigned index) { return *EcuId::parse(std::format("ECU_0{}", 11 + index)); }

std::vector<Member> four_members() {
    std::vector<Member> all;
    for (unsigned i = 0; i < ecus; ++i) {
        Member member = members().front();
        member.target.ecu = ecu(i);
        all.push_back(member);
    }
    all.back().part = Part::zonal_gateway;
    return all;
}

struct Banks {
    bool staged = false, runs_new = false, committed_new = false;
};

class Car {
public:
    // The gateway's power fails before or after it saved the cut_at-th decision; 0: never.
    Car(const Misfortune& misfortune, int cut_at, bool cut_is_before_saving)
        : misfortune_(misfortune),
          cut_at_(cut_at),
          cut_is_before_saving_(cut_is_before_saving) {
        state.job = Job{.campaign = campaign().id, .step = Step::judging, .members = four_members()};
        saved_ = state;
        events_.push_back(parked());
    }

    void run() {
        for (int turn = 0; turn < 1500 && state.job; ++turn) {
            now_ = now_ + std::chrono::seconds(20);
            if (events_.empty()) events_.emplace_back(TimePassed{});
            const Event event = events_.front();
            events_.pop_front();
            hear(event);
        }
    }

    [[nodiscard]] unsigned count(bool Banks::* what) const {
        return static_cast<unsigned>(std::ranges::count_if(banks, [&](const Banks& each) { return each.*what; }));
    }

    State state = State::fresh(noon);
    std::array<Banks, ecus> banks{};
    int decisions = 0;
    bool was_undeclared = false;     // mixed, and nothing said so
    bool gateway_was_early = false;  // it restarted while another still changed over
    bool was_overdeclared = false;   // nothing was activated, and the vehicle stood all the same

private:
    static Event parked() { return ReadinessJudged{Asker::ourselves, campaign().id, {true, {}, 0}}; }
    void hear(const Event& event) {
        const Decision decision = decide(state, event, rules_, now_);
        const bool cut_now = ++decisions == cut_at_;
        if (cut_now && cut_is_before_saving_) return restart();
        state = saved_ = decision.next;
        if (cut_now) return restart();
        for (const Action& action : decision.actions) {
            if (const auto* flash = std::get_if<Flash>(&action)) perform(*flash);
            if (std::holds_alternative<StopWork>(action)) events_.clear();
            if (std::holds_alternative<JudgeReadiness>(action)) events_.push_back(parked());
        }
        watch();
    }
    void restart() {
        state = saved_;
        events_.clear();
        events_.emplace_back(Started{"boot"});
        watch();
    }
    void watch() {
        const unsigned new_ones = count(&Banks::runs_new);
        const bool told = why_not_to_drive(state).has_value();
        const bool is_mixed = (new_ones > 0 && new_ones < ecus) || (new_ones > count(&Banks::committed_new));
        was_undeclared |= is_mixed && !told;
        was_overdeclared |= told && (!state.job || state.job->step < Step::activating) && !is_mixed;
    }

    // As an ECU's banks take it, each as often as one likes.
    void perform(const Flash& flash) {
        const unsigned index = flash.ecu.number() - ecu(0).number();
        Banks& bank = banks[index];
        if ((misfortune_.subset >> index & 1) != 0 && misfortune_.where == flash.work) {
            const Fault* const failed = fails(bank);
            if (failed != nullptr) return events_.push_back(WorkFailed{flash.work, flash.ecu, Error(*failed)});
        }
        if (flash.work == Work::stage) bank.staged = true;
        if (flash.work == Work::activate) {
            bank.runs_new |= bank.staged;
            gateway_was_early |= index == ecus - 1 && count(&Banks::runs_new) < ecus;
        }
        if (flash.work == Work::confirm) bank.committed_new = bank.runs_new;
        if (flash.work == Work::undo) {
            if (bank.committed_new) return events_.push_back(WorkFailed{flash.work, flash.ecu, Error(no)});
            bank = {};
        }
        events_.emplace_back(EcuDone{flash.work, flash.ecu});
    }
    const Fault* fails(Banks& bank) {
        switch (misfortune_.manner) {
            case Manner::silence:  // for a while
                if (++silences_ <= 40) return &silent;
                return nullptr;
            case Manner::refusal: bank.runs_new = false; return &no;  // it has fallen back
            case Manner::distrust: bank.runs_new = false; return &lies;
        }
        return nullptr;
    }

    Misfortune misfortune_;
    int cut_at_;
    bool cut_is_before_saving_;
    Rules rules_{vin, Consent::automatic, "0.1.0"};
    UtcTime now_ = noon;
    State saved_;
    std::deque<Event> events_;
    int silences_ = 0;
};

void expect_one_set(const Car& car, const std::string& where) {
    ASSERT_FALSE(car.state.job) << where << ": it does not end, but stays at " << to_string(car.state.job->step);
    EXPECT_FALSE(car.was_undeclared) << where;
    EXPECT_FALSE(car.was_overdeclared) << where;
    const unsigned new_ones = car.count(&Banks::runs_new);
    const auto why = why_not_to_drive(car.state);
    const bool says_mixed = car.state.ended->trouble.code == faults::mixed_set.code;
    EXPECT_EQ(why.has_value(), new_ones > 0 && new_ones < ecus) << where;
    EXPECT_FALSE(car.gateway_was_early) << where;
    EXPECT_EQ(says_mixed, why.has_value()) << where;
    EXPECT_EQ(car.state.ended->phase == campaign::Phase::activated, new_ones == ecus) << where;
    EXPECT_EQ(car.count(&Banks::committed_new), new_ones) << where << ": nothing stays on trial";
}

std::string name_of(const Misfortune& misfortune, int cut) {
    return std::format("subset {:#x}, {}, manner {}, cut {}", misfortune.subset, to_string(misfortune.where),
                       int(misfortune.manner), cut);
}

TEST(Set, IsAllNewOrAllOldOrSaysThatItIsMixedWhicheverSubsetFailsWherever) {
    int cuts = 0, mixed = 0;
    for (unsigned subset = 0; subset < 1u << ecus; ++subset)
        for (const Work where : {Work::stage, Work::activate, Work::confirm})
            for (const Manner manner : {Manner::refusal, Manner::silence, Manner::distrust}) {
                const Misfortune misfortune{subset, where, manner};
                Car smooth(misfortune, 0, false);
                smooth.run();
                expect_one_set(smooth, name_of(misfortune, 0));
                mixed += why_not_to_drive(smooth.state).has_value();
                const int step = std::max(1, smooth.decisions / 12);
                for (int cut = 1; cut <= smooth.decisions; cut += step, ++cuts) {
                    Car car(misfortune, cut, cut / step % 2 == 0);
                    car.run();
                    expect_one_set(car, name_of(misfortune, cut));
                }
            }
    EXPECT_GT(cuts, 1000);
    EXPECT_GT(mixed, 0) << "the one way into it: some had committed when another had nothing to commit any more";
}

TEST(Set, MayBeDrivenAgainOnceTheEcuThatWasLeftGetsSomethingNew) {
    Car car({0b0001, Work::confirm, Manner::distrust}, 0, false);
    car.run();
    ASSERT_TRUE(why_not_to_drive(car.state));
    EXPECT_EQ(why_not_to_drive(car.state)->code, faults::mixed_set.code);
    const auto again = state_from_json(view_of(boost::json::serialize(to_json(car.state))));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->stuck, car.state.stuck) << "it is remembered over a power cut";

    Rules rules{vin, Consent::automatic, ""};
    State next = car.state;
    next.job = Job{.campaign = *CampaignId::parse("OTA-2"), .step = Step::confirming, .members = four_members()};
    next.job->activated = true;
    for (Member& member : next.job->members) member.progress = Progress::busy;
    EXPECT_EQ(why_not_to_drive(next)->code, faults::changing_over.code);
    for (unsigned i = 0; i < ecus; ++i) next = decide(next, EcuDone{Work::confirm, ecu(i)}, rules, noon).next;
    EXPECT_FALSE(why_not_to_drive(next));
}

}  // namespace
}  // namespace pitstop::update
