// One decision in the making. Inside this room only: callers use decide.h.
//
// The `on` of an event changes the state and adds actions. Talking with the server stands in machine_talk.cpp, working
// through the steps in machine_work.cpp.
#pragma once

#include "core/update/decide.h"
#include "core/update/outbox.h"

#include <string>

namespace pitstop::update {

// What a status says beside its phase.
struct Said {
    std::optional<EcuId> ecu{};
    std::optional<std::uint8_t> percent{};
    Trouble trouble{};
};

class Machine {
public:
    Machine(State state, const Rules& rules, UtcTime now) : state_(std::move(state)), rules_(rules), now_(now) {}

    void on(const Started& event);
    void on(const Connected& event);
    void on(const VciRequested& event);
    void on(const OfferReceived& event);
    void on(const DriverAnswered& event);
    void on(const ReadinessRequested& event);
    void on(const ReadinessJudged& event);
    void on(const MetadataAnnounced& event);
    void on(const CancelReceived& event);
    void on(const Acknowledged& event);
    void on(const InventoryRead& event);

    void on(const MetadataTrusted& event);
    void on(const DownloadProgressed& event);
    void on(const Downloaded& event);
    void on(const EcuProgressed& event);
    void on(const EcuDone& event);
    void on(const WorkFailed& event);
    void on(const TimePassed& event);

    Decision take() && { return {std::move(state_), std::move(actions_)}; }

private:
    void act(Action action) { actions_.push_back(std::move(action)); }
    void send_all(Which which);
    void put(wire::Message message, std::string replaces = {});
    void tell(const CampaignId& campaign, campaign::Phase phase, Said said = {});
    void tell_waiting(const Error& error);
    void answer(const CampaignId& campaign, campaign::Answer answer, std::uint32_t retry_after_s = 0);
    void owe_inventory();

    void begin(const CampaignId& campaign, const wire::OtaCampaign* offer);
    void accept();
    void trust();
    void resume();
    void enter(Step step);
    void start_members();
    [[nodiscard]] bool waits_for_others(const Member& member) const;
    void advance();
    void end_undoing();
    void finish(campaign::Phase phase, const Trouble& trouble);
    void step_failed(const Error& error);
    void member_failed(Member& member, const Error& error);
    [[nodiscard]] bool could_not_open(const Member& member, const Error& error) const;
    void ask_for_another_form(EcuId ecu, const Trouble& trouble);
    [[nodiscard]] bool silent_for_too_long(Member& member, const Error& error);
    void give_up(Member& member);

    [[nodiscard]] bool at(Step step) const { return state_.job && state_.job->step == step; }
    [[nodiscard]] bool undecided() const { return at(Step::offered) || at(Step::put_off); }
    [[nodiscard]] bool flashing() const { return state_.job && state_.job->step >= Step::staging; }
    [[nodiscard]] Member* busy_member(Work work, EcuId ecu);
    [[nodiscard]] UtcTime after_pause(std::uint8_t tries) const;

    State state_;
    const Rules& rules_;
    UtcTime now_;
    std::vector<Action> actions_;
};

}  // namespace pitstop::update
