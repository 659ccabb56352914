#include "apps/pitstop/diag_job_order.h"

#include "apps/pitstop/ecu_reading.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/terminal.h"

#include <algorithm>
#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

using diagnosis::Expectation;
using diagnosis::Expected;

Result<Bytes> bytes_from(std::string_view hex, std::string_view step) {
    auto bytes = from_hex(hex);
    if (!bytes || bytes->empty()) return fail(faults::bad_step, step);
    return bytes;
}

Result<Expectation> expectation_from(std::string_view text, std::string_view step) {
    if (text == "any") return Expectation{Expected::any};
    if (text.starts_with('!')) {
        TRY(const Bytes code, bytes_from(text.substr(1), step));
        if (code.size() != 1) return fail(faults::bad_step, step);
        return Expectation{Expected::nrc, {}, static_cast<uds::Nrc>(code[0])};
    }
    const bool exactly = text.starts_with('=');
    TRY(Bytes bytes, bytes_from(exactly ? text.substr(1) : text, step));
    return Expectation{exactly ? Expected::equals : Expected::prefix, std::move(bytes)};
}

// The characters in an answer that a person may know: a version, a serial number.
std::string text_in(std::string_view hex) {
    const auto bytes = from_hex(hex);
    constexpr std::size_t data_at = 3;
    if (!bytes || bytes->size() <= data_at || bytes->front() != 0x62) return {};
    const std::string_view text = text_of(View(*bytes).subspan(data_at));
    const bool readable = std::ranges::all_of(text, [](char c) { return (c >= 0x20 && c <= 0x7E) || c == '\0'; });
    return readable ? std::format("\"{}\"", text.substr(0, text.find('\0'))) : std::string();
}

void print_result(const json::Object& result, std::ostream& out) {
    std::string words = shown(result, "answer");
    if (json::has(result, "nrc_text"))
        words = std::format("{}: {}", shown(result, "nrc_name"), shown(result, "nrc_text"));
    else if (const std::string text = text_in(words); !text.empty())
        words = text;
    out << std::format("    {}  {:<8} {:>6} ms  {}  {}\n", shown(result, "ecu_id"), shown(result, "outcome"),
                       shown(result, "took_ms"), words, shown(result, "code"));
}

}  // namespace

Result<diagnosis::Step> step_from(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view request = text.substr(0, equals);
    diagnosis::Step step{.name = std::string(request.substr(0, 64)), .request = {}};
    TRY(step.request, bytes_from(request, text));
    if (equals == std::string_view::npos) return step;
    TRY(step.expect, expectation_from(text.substr(equals + 1), text));
    return step;
}

Result<diagnosis::Wish> wish_from(const JobOptions& options) {
    diagnosis::Wish wish{.target = {diagnosis::AllEcus{}}, .steps = {}};
    if (!options.ecu.empty()) {
        TRY(wish.target.whom, EcuId::parse(options.ecu));
    } else if (!options.zone.empty()) {
        TRY(wish.target.whom, diagnosis::ZoneName::parse(options.zone));
    }
    if (options.functional) wish.target.addressing = uds::Addressing::functional;
    if (options.parked) wish.requirements.motion = vehicle::Motion::parked;
    if (!options.ignition.empty())
        wish.requirements.ignition = options.ignition == "on" ? vehicle::Ignition::on : vehicle::Ignition::off;
    for (const std::string& text : options.dids) {
        TRY(const std::uint16_t did, parse_did(text));
        diagnosis::Step step{.name = "read " + text, .request = {0x22, 0, 0}};
        store_be(&step.request[1], did);
        wish.steps.push_back(std::move(step));
    }
    for (const std::string& text : options.steps) {
        TRY(diagnosis::Step step, step_from(text));
        wish.steps.push_back(std::move(step));
    }
    for (diagnosis::Step& step : wish.steps) {
        step.timeout_ms = options.timeout_ms;
        if (options.go_on) step.on_failure = diagnosis::OnFailure::carry_on;
    }
    // Once through its own reader: what the server would refuse is better said here.
    return diagnosis::wish_from_json(diagnosis::to_json(wish));
}

void print_jobs(const json::Object& list, std::ostream& out) {
    out << std::format("{:<36}  {:<9}  {:<20}  {:<12} {}\n", "job", "state", "created", "author", "code");
    for (const json::Object* const job : objects(list, "jobs"))
        out << std::format("{:<36}  {:<9}  {:<20}  {:<12} {}\n", shown(*job, "job_id"), shown(*job, "state"),
                           shown(*job, "created"), shown(*job, "author"), shown(*job, "code"));
}

void print_job(const json::Object& job, std::ostream& out) {
    out << std::format("{}  {}  {}  {}\n", shown(job, "job_id"), shown(job, "state"), shown(job, "code"),
                       shown(job, "detail"));
    for (const json::Object* const step : objects(job, "steps")) {
        out << std::format("  {} ({})\n", shown(*step, "name"), shown(*step, "request"));
        for (const json::Object* const result : objects(*step, "results")) print_result(*result, out);
    }
    const json::Object* const summary = object_or_null(job, "summary");
    if (!summary) return;
    out << "  ECUs by zone (passed, failed, silent, left out; the slowest)\n";
    for (const json::Object* const zone : objects(*summary, "zones")) {
        const std::string name = shown(*zone, "zone");
        out << std::format("    {:<16} {:>3} {:>3} {:>3} {:>3}  {} {} ms\n", name.empty() ? "Ethernet" : name,
                           shown(*zone, "passed"), shown(*zone, "failed"), shown(*zone, "silent"),
                           shown(*zone, "left_out"), shown(*zone, "slowest_ecu"), shown(*zone, "slowest_ms"));
    }
}

bool job_has_ended(const json::Object& job) {
    const std::string state = shown(job, "state");
    return state != "waiting" && state != "running";
}

Result<void> check_passed(const json::Object& job) {
    if (shown(job, "state") == "passed") return {};
    return fail(faults::job_failed, std::format("{}: {}", shown(job, "state"), shown(job, "code")));
}

}  // namespace pitstop::cli
