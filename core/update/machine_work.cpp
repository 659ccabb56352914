// Through the steps, and what a failure means for them.
#include "core/update/faults.h"
#include "core/update/machine.h"

#include <algorithm>
#include <format>

namespace pitstop::update {
namespace {

using campaign::Phase;

constexpr std::uint8_t percent_step = 10;  // finer progress is not worth a message and a save
constexpr std::int64_t wait_s = 60;        // conditions of an ECU change slowly

std::optional<Work> work_of(Step step) {
    switch (step) {
        case Step::trusting: return Work::trust;
        case Step::downloading: return Work::download;
        case Step::staging: return Work::stage;
        case Step::activating: return Work::activate;
        case Step::confirming: return Work::confirm;
        case Step::undoing: return Work::undo;
        case Step::offered:
        case Step::put_off:
        case Step::accepted:
        case Step::judging: break;
    }
    return std::nullopt;
}

bool worth_telling(std::uint8_t percent, std::uint8_t told) { return percent >= told + percent_step; }

}  // namespace

void Machine::trust() {
    state_.job->step = Step::trusting;
    act(FetchMetadata{});
}

void Machine::on(const MetadataTrusted& event) {
    if (!at(Step::trusting)) return;
    if (event.members.empty())
        return finish(Phase::activated, {});  // all of it is installed: the inventory will show it
    Job& job = *state_.job;
    job.members = event.members;
    job.tries = 0;
    job.told_waiting = false;
    job.step = Step::downloading;
    tell(job.campaign, Phase::downloading, {.percent = 0});
    act(Download{});
}

void Machine::on(const DownloadProgressed& event) {
    if (!at(Step::downloading)) return;
    Job& job = *state_.job;
    std::uint64_t total = 0;
    for (const Member& member : job.members) total += member.stored_size_bytes;
    const auto percent = static_cast<std::uint8_t>(total == 0 ? 0 : std::min(event.stored_bytes, total) * 100 / total);
    if (!worth_telling(percent, job.percent)) return;
    job.percent = percent;
    job.tries = 0;  // a link that carries something is worth staying with
    job.told_waiting = false;
    tell(job.campaign, Phase::downloading, {.percent = percent});
}

void Machine::on(const Downloaded&) {
    if (!at(Step::downloading)) return;
    Job& job = *state_.job;
    tell(job.campaign, Phase::downloaded, {.percent = 100});
    job.step = Step::judging;
    job.tries = 0;
    job.told_waiting = false;
    resume();
}

void Machine::on(const EcuProgressed& event) {
    if (!at(Step::staging)) return;
    Member* member = busy_member(Work::stage, event.ecu);
    if (!member || !worth_telling(event.percent, member->percent)) return;
    member->percent = event.percent;
    state_.job->told_waiting = false;
    tell(state_.job->campaign, Phase::installing, {.ecu = event.ecu, .percent = event.percent});
}

void Machine::on(const EcuDone& event) {
    Member* member = busy_member(event.work, event.ecu);
    if (!member) return;
    member->progress = Progress::done;
    if (event.work == Work::stage) tell(state_.job->campaign, Phase::installing, {.ecu = event.ecu, .percent = 100});
    if (std::ranges::all_of(state_.job->members, [](const Member& each) { return each.progress == Progress::done; }))
        advance();
    else
        start_members();
}

void Machine::on(const WorkFailed& event) {
    if (event.work == Work::read_inventory) {
        state_.inventory_again_at = after_pause(1);
        return;
    }
    if (!state_.job || work_of(state_.job->step) != event.work) return;
    if (!event.ecu) return step_failed(event.error);
    if (Member* member = busy_member(event.work, *event.ecu)) member_failed(*member, event.error);
}

void Machine::on(const TimePassed&) {
    send_all(Which::overdue);
    if (state_.inventory_again_at && *state_.inventory_again_at <= now_) {
        state_.inventory_again_at.reset();
        if (state_.inventory_owed && !flashing()) act(ReadInventory{});
    }
    if (!state_.job) return;
    if (flashing()) return start_members();
    if (state_.job->again_at && *state_.job->again_at <= now_) {
        state_.job->again_at.reset();
        resume();
    }
}

// Says again what the current step needs.
void Machine::resume() {
    Job& job = *state_.job;
    switch (job.step) {
        case Step::offered:
            if (rules_.consent == Consent::automatic) return accept();
            return act(AskDriver{});
        case Step::put_off:
        case Step::accepted: return;  // the server says it again
        case Step::trusting: return act(FetchMetadata{});
        case Step::downloading: return act(Download{});
        case Step::judging: return act(JudgeReadiness{Asker::ourselves, job.campaign, 0});
        case Step::staging:
        case Step::activating:
        case Step::confirming:
        case Step::undoing:
            for (Member& member : job.members)
                if (member.progress == Progress::busy) member.progress = Progress::waiting;
            return start_members();
    }
}

void Machine::enter(Step step) {
    Job& job = *state_.job;
    job.step = step;
    job.tries = 0;
    job.again_at.reset();
    job.told_waiting = false;
    if (step == Step::activating) job.activated = true;
    for (Member& member : job.members) {
        member.progress = Progress::waiting;
        member.percent = 0;
        member.tries = member.refusals = 0;
        member.again_at = {};
        member.trouble = {};
    }
    start_members();
}

void Machine::start_members() {
    Job& job = *state_.job;
    for (Member& member : job.members) {
        if (member.progress != Progress::waiting || member.again_at > now_ || waits_for_others(member)) continue;
        member.progress = Progress::busy;
        act(Flash{*work_of(job.step), member.ecu()});
    }
}

// While a zonal gateway restarts nobody reaches the ECUs behind it. On the way back it waits for nobody: its new image
// may be why they are not reached.
bool Machine::waits_for_others(const Member& member) const {
    return at(Step::activating) && member.part == Part::zonal_gateway &&
           std::ranges::any_of(state_.job->members, [](const Member& other) {
               return other.part == Part::ecu && other.progress != Progress::done;
           });
}

void Machine::advance() {
    Job& job = *state_.job;
    switch (job.step) {
        case Step::staging: tell(job.campaign, Phase::installed); return enter(Step::activating);
        case Step::activating: return enter(Step::confirming);
        case Step::confirming: return finish(Phase::activated, {});
        case Step::undoing: return end_undoing();
        default: return;
    }
}

void Machine::end_undoing() {
    const Job& job = *state_.job;
    const bool is_mixed = job.activated && std::ranges::any_of(job.members, [this](const Member& member) {
                              return std::ranges::contains(state_.stuck, member.ecu());
                          });
    Trouble trouble = job.trouble;
    if (is_mixed)
        trouble = {std::string(faults::mixed_set.code),
                   std::format("it began with {}: {}", trouble.code, trouble.detail)};
    finish(job.activated ? Phase::rolled_back : Phase::failed, trouble);
}

void Machine::finish(Phase phase, const Trouble& trouble) {
    const CampaignId id = state_.job->campaign;
    if (phase == Phase::activated)  // whatever they were left with before, they run what is directed now
        std::erase_if(state_.stuck, [this](const EcuId& ecu) {
            return std::ranges::contains(state_.job->members, ecu, &Member::ecu);
        });
    tell(id, phase, {.trouble = trouble});
    state_.ended = Ended{id, phase, trouble};
    state_.job.reset();
    act(DropPackage{id});
    owe_inventory();  // what the ECUs really run is the proof, whatever the outcome
}

void Machine::step_failed(const Error& error) {
    Job& job = *state_.job;
    switch (error.remedy()) {
        case Remedy::retry:
            if (++job.tries > retries_max) break;
            job.again_at = after_pause(job.tries);
            return;
        case Remedy::wait: job.again_at = now_ + std::chrono::seconds(wait_s); return tell_waiting(error);
        case Remedy::refuse:
        case Remedy::distrust:
        case Remedy::stop: break;
    }
    finish(Phase::failed, {std::string(error.code()), std::string(error.sentence())});
}

void Machine::member_failed(Member& member, const Error& error) {
    if (member.refusals == 0)
        member.trouble = {std::string(error.code()), std::format("{}: {}", member.ecu().str(), error.sentence())};
    if (could_not_open(member, error)) return ask_for_another_form(member.ecu(), Trouble(member.trouble));
    member.progress = Progress::waiting;
    member.percent = 0;
    ++member.tries;
    member.again_at = after_pause(member.tries);
    bool hopeless = false;
    switch (error.remedy()) {
        case Remedy::retry: hopeless = silent_for_too_long(member, error); break;
        case Remedy::refuse: hopeless = ++member.refusals > refusals_max; break;
        case Remedy::wait:
            member.tries = 1;
            member.again_at = now_ + std::chrono::seconds(wait_s);
            tell_waiting(error);
            break;
        case Remedy::distrust:
        case Remedy::stop: hopeless = true; break;
    }
    if (hopeless) return give_up(member);
}

bool Machine::could_not_open(const Member& member, const Error& error) const {
    return at(Step::staging) && member.target.delivery && uptane::tells_of_delivery(error.code()) &&
           std::ranges::count(state_.job->refused, member.ecu()) < unopened_max;
}

// The other ECUs keep what they have staged, and say so when their turn comes again.
void Machine::ask_for_another_form(EcuId ecu, const Trouble& trouble) {
    Job& job = *state_.job;
    job.refused.push_back(ecu);
    job.step = Step::accepted;  // the server announces what it directs instead
    job.percent = 0;
    job.again_at.reset();
    act(StopWork{});
    tell(job.campaign, Phase::installing, {.ecu = ecu, .trouble = trouble});
}

bool Machine::silent_for_too_long(Member& member, const Error& error) {
    if (member.tries <= rules_.ecu_retries_max) return false;
    if (state_.job->step != Step::confirming) return true;
    // Another ECU may have committed already, and a committed one cannot go back: only patience keeps the set together.
    member.tries = rules_.ecu_retries_max;
    tell_waiting(error);
    return false;
}

void Machine::give_up(Member& member) {
    Job& job = *state_.job;
    if (job.step == Step::undoing) {
        job.trouble.detail += std::format("; {} could not go back ({})", member.ecu().str(), member.trouble.code);
        if (job.activated && !std::ranges::contains(state_.stuck, member.ecu())) state_.stuck.push_back(member.ecu());
        member.progress = Progress::done;
        if (std::ranges::all_of(job.members, [](const Member& each) { return each.progress == Progress::done; }))
            advance();
        return;
    }
    job.trouble = member.trouble;
    act(StopWork{});
    enter(Step::undoing);
}

Member* Machine::busy_member(Work work, EcuId ecu) {
    if (!state_.job || work_of(state_.job->step) != work) return nullptr;
    const auto found = std::ranges::find(state_.job->members, ecu, &Member::ecu);
    return found != state_.job->members.end() && found->progress == Progress::busy ? &*found : nullptr;
}

UtcTime Machine::after_pause(std::uint8_t tries) const {
    const std::int64_t doubled = std::int64_t{1} << std::min<int>(tries - 1, 10);
    return now_ + std::chrono::seconds(std::min(doubled, pause_s_max));
}

}  // namespace pitstop::update
