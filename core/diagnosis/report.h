// What a vehicle says about a job in a DIAGNOSTIC_RESPONSE: that it took it or why not, what each ECU answered to each
// step as it comes, and at the end the sums per ECU and per zone. As values and as JSON. Faults: base.*;
// wire.bad-message-id; diagnosis.bad-job.
#pragma once

#include "core/diagnosis/job.h"

#include <map>

namespace pitstop::diagnosis {

// failed: it answered, but not as expected. left_out: the step was not begun, `code` says why.
enum class Outcome : std::uint8_t { passed, failed, silent, left_out };
[[nodiscard]] std::string_view to_string(Outcome outcome);

inline constexpr std::size_t code_size_max = 64;  // of a fault, as in "uds.no-answer"

struct StepResult {
    EcuId ecu;
    std::uint32_t step = 0;  // counted from 0
    Outcome outcome = Outcome::left_out;
    Bytes answer = {};  // the positive answer, or 7F and the two bytes behind it; at most answer_bytes_max
    bool cut = false;   // the answer was longer
    std::optional<uds::Nrc> nrc = {};
    std::string code = {};  // the fault, unless passed
    std::uint32_t took_ms = 0;
    bool operator==(const StepResult&) const = default;
};

struct Counts {
    std::uint32_t passed = 0, failed = 0, silent = 0, left_out = 0;
    void add(Outcome outcome);
    // That of whoever these are counted for: silent when nothing but silence came of it.
    [[nodiscard]] Outcome verdict() const;
    bool operator==(const Counts&) const = default;
};

struct EcuSummary {
    EcuId ecu;
    std::string zone;  // empty: on Ethernet, behind no zonal gateway
    Counts steps = {};
    std::uint32_t slowest_ms = 0;
    std::string code = {};  // the first fault
    bool operator==(const EcuSummary&) const = default;
};
struct ZoneSummary {
    std::string zone;
    Counts ecus = {};
    std::uint32_t slowest_ms = 0;
    std::optional<EcuId> slowest = {};
    bool operator==(const ZoneSummary&) const = default;
};
struct Summary {
    std::string code = {};  // empty: all steps passed everywhere. Of the job where it was stopped, or the first fault
    std::vector<EcuSummary> ecus;
    std::vector<ZoneSummary> zones;
    bool operator==(const Summary&) const = default;
};
// Sums the ECUs' lines up to the zones'.
[[nodiscard]] std::vector<ZoneSummary> zones_of(const std::vector<EcuSummary>& ecus);

struct Accepted {
    bool operator==(const Accepted&) const = default;
};
struct Refused {
    std::string code, detail;
    bool operator==(const Refused&) const = default;
};
struct Results {
    std::vector<StepResult> results;
    bool operator==(const Results&) const = default;
};
struct Ended {
    Summary summary;
    bool operator==(const Ended&) const = default;
};
struct Report {
    std::optional<JobId> job;  // nothing: what was refused named none
    std::variant<Accepted, Refused, Results, Ended> what;
    bool operator==(const Report&) const = default;
};

[[nodiscard]] json::Object to_json(const StepResult& result);
[[nodiscard]] Result<StepResult> step_result_from_json(const json::Object& from);
[[nodiscard]] json::Object to_json(const Summary& summary);
[[nodiscard]] Result<Summary> summary_from_json(const json::Object& from);
[[nodiscard]] json::Object to_json(const Report& report);
[[nodiscard]] Result<Report> report_from_json(const json::Object& from);

}  // namespace pitstop::diagnosis
