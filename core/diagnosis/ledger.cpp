#include "core/diagnosis/ledger.h"

#include "core/diagnosis/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::diagnosis {
namespace {

constexpr std::array stage_names = {std::string_view("waiting"), std::string_view("running"),
                                    std::string_view("ended")};
constexpr std::size_t entries_max = jobs_waiting_max + 1 + ended_kept_max;

json::Object to_json(const LedgerEntry& entry) {
    json::Object object{{"job_id", entry.id.view()}, {"stage", stage_names[static_cast<std::size_t>(entry.stage)]}};
    if (entry.job) object["job"] = to_json(*entry.job);
    if (entry.outcome) object["outcome"] = to_json(*entry.outcome);
    return object;
}

Result<LedgerEntry> entry_from(const json::Object& from) {
    TRY(const JobId id, json::id<JobId>(from, "job_id"));
    LedgerEntry entry{id};
    TRY(const std::string stage, json::string(from, "stage"));
    const auto named = std::ranges::find(stage_names, stage);
    if (named == stage_names.end()) return fail(faults::bad_job, std::format("no stage '{:.40}'", stage));
    entry.stage = static_cast<Stage>(named - stage_names.begin());
    if (entry.stage == Stage::ended) {
        TRY(const json::Object* outcome, json::object(from, "outcome"));
        TRY(entry.outcome, report_from_json(*outcome));
    } else {
        TRY(const json::Object* job, json::object(from, "job"));
        TRY(entry.job, job_from_json(*job));
        if (entry.job->id != id) return fail(faults::bad_job, "an entry holds another job");
    }
    return entry;
}

}  // namespace

const LedgerEntry* Ledger::find(const JobId& id) const {
    const auto found = std::ranges::find(entries, id, &LedgerEntry::id);
    return found == entries.end() ? nullptr : &*found;
}

std::size_t Ledger::waiting() const {
    return static_cast<std::size_t>(std::ranges::count(entries, Stage::waiting, &LedgerEntry::stage));
}

std::optional<Job> Ledger::next_waiting() const {
    const auto found = std::ranges::find(entries, Stage::waiting, &LedgerEntry::stage);
    return found == entries.end() ? std::nullopt : found->job;
}

std::vector<Job> Ledger::running() const {
    std::vector<Job> jobs;
    for (const LedgerEntry& entry : entries)
        if (entry.stage == Stage::running) jobs.push_back(*entry.job);
    return jobs;
}

void Ledger::take(const Job& job) {
    last_sequence = std::max(last_sequence, job.sequence);
    entries.push_back({job.id, Stage::waiting, job});
}

void Ledger::refuse(const Job& job, const Error& why) {
    last_sequence = std::max(last_sequence, job.sequence);
    end(job.id, {job.id, Refused{std::string(why.code()), std::string(why.detail())}});
}

void Ledger::begin(const JobId& id) {
    const auto found = std::ranges::find(entries, id, &LedgerEntry::id);
    if (found != entries.end() && found->stage == Stage::waiting) found->stage = Stage::running;
}

void Ledger::end(const JobId& id, Report outcome) {
    const auto found = std::ranges::find(entries, id, &LedgerEntry::id);
    LedgerEntry& entry = found != entries.end() ? *found : entries.emplace_back(LedgerEntry{id});
    entry.stage = Stage::ended;
    entry.job.reset();
    entry.outcome = std::move(outcome);
    while (static_cast<std::size_t>(std::ranges::count(entries, Stage::ended, &LedgerEntry::stage)) > ended_kept_max)
        entries.erase(std::ranges::find(entries, Stage::ended, &LedgerEntry::stage));
}

Report answer_to_repetition(const LedgerEntry& entry) {
    return entry.outcome ? *entry.outcome : Report{entry.id, Accepted{}};
}

json::Object to_json(const Ledger& ledger) {
    json::Array list;
    for (const LedgerEntry& entry : ledger.entries) list.emplace_back(to_json(entry));
    return {{"last_sequence", ledger.last_sequence}, {"entries", std::move(list)}};
}

Result<Ledger> ledger_from_json(const json::Object& from) {
    Ledger ledger;
    TRY(ledger.last_sequence, json::number(from, "last_sequence", sequence_max));
    TRY(const json::Array* list, json::array(from, "entries"));
    if (list->size() > entries_max) return fail(faults::bad_job, std::format("{} entries", list->size()));
    for (const json::Value& value : *list) {
        TRY(const json::Object* object, json::as_object(value, "an entry"));
        TRY(LedgerEntry entry, entry_from(*object));
        ledger.entries.push_back(std::move(entry));
    }
    return ledger;
}

}  // namespace pitstop::diagnosis
