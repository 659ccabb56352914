// What one vehicle remembers of its jobs, so that each has one effect however often it is heard, and also when the
// power fails: a value that the shell saves before it acts.
//
// A job is taken before its first step, begun before its first request, and ended once. What had begun when the power
// failed is never begun again. Of what has ended the last ones are kept with their outcome, for whoever asks again;
// everything older is a replay by its sequence. JSON: {"last_sequence", "entries": [{"job_id", "stage", "job"?,
// "outcome"?}]}. Faults of reading: base.*; those of job.h and report.h.
#pragma once

#include "core/diagnosis/report.h"

namespace pitstop::diagnosis {

inline constexpr std::size_t ended_kept_max = 16;
inline constexpr std::size_t ledger_bytes_max = 8u << 20;  // so many jobs at their limits, and the outcomes

enum class Stage : std::uint8_t { waiting, running, ended };

struct LedgerEntry {
    JobId id;
    Stage stage = Stage::waiting;
    std::optional<Job> job = {};         // while it waits or runs
    std::optional<Report> outcome = {};  // Refused or Ended, at the end
    bool operator==(const LedgerEntry&) const = default;
};

struct Ledger {
    std::uint64_t last_sequence = 0;
    std::vector<LedgerEntry> entries;  // in the order in which they came

    [[nodiscard]] const LedgerEntry* find(const JobId& id) const;
    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] std::optional<Job> next_waiting() const;
    [[nodiscard]] std::vector<Job> running() const;

    void take(const Job& job);
    void refuse(const Job& job, const Error& why);  // its number counts as used
    void begin(const JobId& id);
    void end(const JobId& id, Report outcome);  // also of a job that is not known yet

    bool operator==(const Ledger&) const = default;
};

// What to answer to a job that is heard again.
[[nodiscard]] Report answer_to_repetition(const LedgerEntry& entry);

[[nodiscard]] json::Object to_json(const Ledger& ledger);
[[nodiscard]] Result<Ledger> ledger_from_json(const json::Object& from);

}  // namespace pitstop::diagnosis
