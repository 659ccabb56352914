#include "core/diagnosis/report.h"

#include "core/diagnosis/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::diagnosis {
namespace {

constexpr std::array outcome_names = {std::string_view("passed"), std::string_view("failed"),
                                      std::string_view("silent"), std::string_view("left-out")};
constexpr std::size_t ecus_max = 101;
constexpr std::size_t results_max = ecus_max * steps_max;
constexpr std::uint64_t u32_max = UINT32_MAX;

Result<std::uint32_t> count_from(const json::Object& from, std::string_view name) {
    TRY(const std::uint64_t count, json::number(from, name, u32_max));
    return static_cast<std::uint32_t>(count);
}

Result<std::string> short_text(const json::Object& from, std::string_view name, std::size_t most = code_size_max) {
    TRY(std::string text, json::string(from, name));
    if (text.size() > most) return fail(faults::bad_job, std::format("'{}' has {} characters", name, text.size()));
    return text;
}

void write(json::Object& into, const Counts& counts) {
    into["passed"] = counts.passed;
    into["failed"] = counts.failed;
    into["silent"] = counts.silent;
    into["left_out"] = counts.left_out;
}

Result<Counts> counts_from(const json::Object& from) {
    Counts counts;
    TRY(counts.passed, count_from(from, "passed"));
    TRY(counts.failed, count_from(from, "failed"));
    TRY(counts.silent, count_from(from, "silent"));
    TRY(counts.left_out, count_from(from, "left_out"));
    return counts;
}

json::Object to_json(const EcuSummary& ecu) {
    json::Object object{
        {"ecu_id", ecu.ecu.str()}, {"zone", ecu.zone}, {"slowest_ms", ecu.slowest_ms}, {"code", ecu.code}};
    write(object, ecu.steps);
    return object;
}

json::Object to_json(const ZoneSummary& zone) {
    json::Object object{{"zone", zone.zone}, {"slowest_ms", zone.slowest_ms}, {"slowest_ecu", nullptr}};
    if (zone.slowest) object["slowest_ecu"] = zone.slowest->str();
    write(object, zone.ecus);
    return object;
}

Result<EcuSummary> ecu_from(const json::Object& from) {
    TRY(const EcuId id, json::id<EcuId>(from, "ecu_id"));
    EcuSummary ecu{id, {}};
    TRY(ecu.zone, short_text(from, "zone"));
    TRY(ecu.steps, counts_from(from));
    TRY(ecu.slowest_ms, count_from(from, "slowest_ms"));
    TRY(ecu.code, short_text(from, "code"));
    return ecu;
}

Result<std::vector<StepResult>> results_from(const json::Object& from) {
    TRY(const json::Array* list, json::array(from, "results"));
    if (list->size() > results_max) return fail(faults::bad_job, std::format("{} results", list->size()));
    std::vector<StepResult> results;
    for (const json::Value& value : *list) {
        TRY(const json::Object* object, json::as_object(value, "a result"));
        TRY(StepResult result, step_result_from_json(*object));
        results.push_back(std::move(result));
    }
    return results;
}

}  // namespace

std::string_view to_string(Outcome outcome) { return outcome_names[static_cast<std::size_t>(outcome)]; }

void Counts::add(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed: ++passed; break;
        case Outcome::failed: ++failed; break;
        case Outcome::silent: ++silent; break;
        case Outcome::left_out: ++left_out; break;
    }
}

Outcome Counts::verdict() const {
    if (failed > 0 || (silent > 0 && passed > 0)) return Outcome::failed;
    if (silent > 0) return Outcome::silent;
    return left_out > 0 ? Outcome::left_out : Outcome::passed;
}

std::vector<ZoneSummary> zones_of(const std::vector<EcuSummary>& ecus) {
    std::map<std::string, ZoneSummary> zones;
    for (const EcuSummary& ecu : ecus) {
        ZoneSummary& zone = zones.try_emplace(ecu.zone, ZoneSummary{ecu.zone}).first->second;
        zone.ecus.add(ecu.steps.verdict());
        if (zone.slowest && ecu.slowest_ms <= zone.slowest_ms) continue;
        zone.slowest_ms = ecu.slowest_ms;
        zone.slowest = ecu.ecu;
    }
    std::vector<ZoneSummary> list;
    for (auto& [name, zone] : zones) list.push_back(std::move(zone));
    return list;
}

json::Object to_json(const StepResult& result) {
    json::Object object{{"ecu_id", result.ecu.str()},
                        {"step", result.step},
                        {"outcome", to_string(result.outcome)},
                        {"answer", to_hex(result.answer)},
                        {"cut", result.cut},
                        {"nrc", nullptr},
                        {"code", result.code},
                        {"took_ms", result.took_ms}};
    if (result.nrc) object["nrc"] = static_cast<std::uint32_t>(*result.nrc);
    return object;
}

Result<StepResult> step_result_from_json(const json::Object& from) {
    TRY(const EcuId ecu, json::id<EcuId>(from, "ecu_id"));
    StepResult result{ecu};
    TRY(const std::uint64_t step, json::number(from, "step", steps_max - 1));
    result.step = static_cast<std::uint32_t>(step);
    TRY(const std::string outcome, json::string(from, "outcome"));
    const auto named = std::ranges::find(outcome_names, outcome);
    if (named == outcome_names.end()) return fail(faults::bad_job, std::format("no outcome '{:.40}'", outcome));
    result.outcome = static_cast<Outcome>(named - outcome_names.begin());
    TRY(const std::string answer, short_text(from, "answer", 2 * answer_bytes_max));
    TRY(result.answer, from_hex(answer));
    TRY(result.cut, json::boolean(from, "cut"));
    if (json::has(from, "nrc")) {
        TRY(const std::uint64_t nrc, json::number(from, "nrc", 0xFF));
        result.nrc = static_cast<uds::Nrc>(nrc);
    }
    TRY(result.code, short_text(from, "code"));
    TRY(result.took_ms, count_from(from, "took_ms"));
    return result;
}

// The zones follow from the ECUs: they are written for whoever reads only them, and never read.
json::Object to_json(const Summary& summary) {
    json::Array ecus, zones;
    for (const EcuSummary& ecu : summary.ecus) ecus.emplace_back(to_json(ecu));
    for (const ZoneSummary& zone : summary.zones) zones.emplace_back(to_json(zone));
    return {{"code", summary.code}, {"ecus", std::move(ecus)}, {"zones", std::move(zones)}};
}

Result<Summary> summary_from_json(const json::Object& from) {
    Summary summary;
    TRY(summary.code, short_text(from, "code"));
    TRY(const json::Array* list, json::array(from, "ecus"));
    if (list->size() > ecus_max) return fail(faults::bad_job, std::format("{} ECUs", list->size()));
    for (const json::Value& value : *list) {
        TRY(const json::Object* object, json::as_object(value, "an ECU"));
        TRY(EcuSummary ecu, ecu_from(*object));
        summary.ecus.push_back(std::move(ecu));
    }
    summary.zones = zones_of(summary.ecus);
    return summary;
}

json::Object to_json(const Report& report) {
    json::Object object{{"job_id", nullptr}};
    if (report.job) object["job_id"] = report.job->view();
    if (std::holds_alternative<Accepted>(report.what)) object["kind"] = "accepted";
    if (const auto* refused = std::get_if<Refused>(&report.what)) {
        object["kind"] = "refused";
        object["code"] = refused->code;
        object["detail"] = refused->detail;
    }
    if (const auto* some = std::get_if<Results>(&report.what)) {
        json::Array list;
        for (const StepResult& result : some->results) list.emplace_back(to_json(result));
        object["kind"] = "results";
        object["results"] = std::move(list);
    }
    if (const auto* ended = std::get_if<Ended>(&report.what)) {
        object["kind"] = "ended";
        object["summary"] = to_json(ended->summary);
    }
    return object;
}

Result<Report> report_from_json(const json::Object& from) {
    Report report{{}, Accepted{}};
    TRY(const std::string kind, json::string(from, "kind"));
    if (kind != "refused" || json::has(from, "job_id")) {
        TRY(report.job, json::id<JobId>(from, "job_id"));
    }
    if (kind == "accepted") return report;
    if (kind == "refused") {
        Refused refused;
        TRY(refused.code, short_text(from, "code"));
        TRY(refused.detail, short_text(from, "detail", Error::detail_size_max));
        report.what = std::move(refused);
    } else if (kind == "results") {
        TRY(auto results, results_from(from));
        report.what = Results{std::move(results)};
    } else if (kind == "ended") {
        TRY(const json::Object* object, json::object(from, "summary"));
        TRY(auto summary, summary_from_json(*object));
        report.what = Ended{std::move(summary)};
    } else {
        return fail(faults::bad_job, std::format("no kind '{:.40}'", kind));
    }
    return report;
}

}  // namespace pitstop::diagnosis
