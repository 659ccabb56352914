// What the server and the driver say, and what they are told.
#include "core/update/machine.h"
#include "core/vehicle/limits.h"

#include <format>

namespace pitstop::update {

void Machine::on(const Started& event) {
    state_.boot_id = event.boot_id;
    ++state_.boot_seq;
    if (state_.inventory_owed && !flashing()) act(ReadInventory{});
    if (state_.job) {
        state_.job->again_at.reset();
        for (Member& member : state_.job->members) member.again_at = {};
        resume();
    }
}

void Machine::on(const Connected& event) {
    put(wire::Wakeup{state_.boot_id, state_.boot_seq, rules_.gateway_version, event.mqtt, event.https}, "wakeup");
    actions_.clear();  // the wake-up goes out in its turn, after the older reports
    send_all(Which::all);
}

void Machine::on(const VciRequested&) { owe_inventory(); }

void Machine::on(const OfferReceived& event) {
    const CampaignId& id = event.offer.campaign;
    const bool under_way = state_.job && !undecided();
    if (under_way && state_.job->campaign == id) return answer(id, campaign::Answer::accept);
    if (under_way) return answer(id, campaign::Answer::later, busy_retry_after_s);
    begin(id, &event.offer);
}

void Machine::on(const DriverAnswered& event) {
    if (!undecided()) return;
    const CampaignId id = state_.job->campaign;
    switch (event.answer) {
        case campaign::Answer::accept: return accept();
        case campaign::Answer::later:
            state_.job->step = Step::put_off;
            return answer(id, event.answer, event.retry_after_s);
        case campaign::Answer::decline: state_.job.reset(); return answer(id, event.answer);
    }
}

void Machine::on(const ReadinessRequested& event) {
    const bool ours = state_.job && state_.job->campaign == event.campaign;
    act(JudgeReadiness{Asker::server, event.campaign, ours ? state_.job->download_bytes : 0});
}

void Machine::on(const ReadinessJudged& event) {
    if (event.asker == Asker::server) return put(wire::ReadinessResponse{event.campaign, event.readiness}, "readiness");
    if (!at(Step::judging) || state_.job->campaign != event.campaign) return;
    if (const auto ready = as_result(event.readiness); !ready) {
        tell_waiting(ready.error());
        state_.job->again_at = now_ + std::chrono::seconds(std::max(event.readiness.retry_after_s, 1u));
        return;
    }
    tell(event.campaign, campaign::Phase::installing, {.percent = 0});
    enter(Step::staging);
}

void Machine::on(const MetadataAnnounced& event) {
    const CampaignId& id = event.metadata.campaign;
    if (!state_.job && state_.ended && state_.ended->campaign == id) {
        // The server has not heard the end yet, or says this late: it must not begin anew.
        tell(id, state_.ended->phase, {.trouble = state_.ended->trouble});
        return owe_inventory();
    }
    if (!state_.job) begin(id, nullptr);
    Job& job = *state_.job;
    if (job.campaign != id || job.step > Step::accepted) return;
    job.package = Package{event.metadata.package_path, event.metadata.package_bytes, event.metadata.metadata_sha256};
    job.download_bytes = event.metadata.package_bytes;
    if (job.step == Step::accepted) trust();
}

void Machine::on(const CancelReceived& event) {
    if (!state_.job || state_.job->campaign != event.campaign || flashing()) return;
    act(StopWork{});
    finish(campaign::Phase::cancelled, {});
}

void Machine::on(const Acknowledged& event) { acknowledge(state_, event.id); }

void Machine::on(const InventoryRead& event) {
    state_.inventory_owed = false;
    state_.inventory_again_at.reset();
    put(wire::VciReport{event.inventory}, "vci");
}

void Machine::begin(const CampaignId& campaign, const wire::OtaCampaign* offer) {
    // What stood undecided gives way; what the server announced of the same campaign stays known.
    const bool same = state_.job && state_.job->campaign == campaign;
    std::optional<Package> package = same ? state_.job->package : std::nullopt;
    state_.ended.reset();
    state_.job =
        Job{.campaign = campaign, .title = offer ? offer->title : std::string(campaign.view()), .package = package};
    if (offer) state_.job->download_bytes = offer->download_bytes;
    if (rules_.consent == Consent::automatic)
        accept();
    else
        act(AskDriver{});
}

void Machine::accept() {
    answer(state_.job->campaign, campaign::Answer::accept);
    state_.job->step = Step::accepted;
    if (state_.job->package) trust();
}

void Machine::answer(const CampaignId& campaign, campaign::Answer answer, std::uint32_t retry_after_s) {
    put(wire::OtaCampaignResponse{campaign, answer, retry_after_s}, std::format("answer/{}", campaign.view()));
}

void Machine::owe_inventory() {
    state_.inventory_owed = true;
    if (!flashing())
        act(ReadInventory{});  // else when the job is done: an ECU in its programming session has better to do
}

void Machine::send_all(Which which) {
    for (const wire::MessageId& id : take_for_sending(state_, which, now_)) act(Send{id});
}

void Machine::put(wire::Message message, std::string replaces) {
    act(Send{update::put(state_, rules_.vin, std::move(message), std::move(replaces), now_)});
}

void Machine::tell(const CampaignId& campaign, campaign::Phase phase, Said said) {
    // Progress is worth only its last value; everything else is history that the operator shall see.
    std::string replaces;
    if (said.percent || phase == campaign::Phase::waiting)
        replaces =
            std::format("{}/{}/{}", campaign::to_string(phase), campaign.view(), said.ecu ? said.ecu->str() : "");
    said.trouble.detail.resize(std::min(said.trouble.detail.size(), vehicle::sentence_size_max));
    put(wire::OtaStatus{campaign, next_number(state_), phase, said.ecu, said.percent, said.trouble.code,
                        said.trouble.detail},
        std::move(replaces));
}

void Machine::tell_waiting(const Error& error) {
    if (std::exchange(state_.job->told_waiting, true)) return;
    tell(state_.job->campaign, campaign::Phase::waiting,
         {.trouble = {std::string(error.code()), std::string(error.sentence())}});
}

}  // namespace pitstop::update
