#include "apps/server/diagnostics.h"

#include "apps/server/diagnostics_view.h"
#include "apps/server/faults.h"
#include "core/diagnosis/faults.h"
#include "core/diagnosis/permission.h"
#include "io/log/log.h"

#include <openssl/rand.h>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

using io::store::DiagnosticJobRow;

constexpr std::size_t body_bytes_max = 1 << 20;  // the router's limit for JSON documents
constexpr std::chrono::seconds usual_lifetime{600}, shortest_lifetime{10};
constexpr std::chrono::seconds say_again_after{20};
constexpr std::size_t open_jobs_max = diagnosis::jobs_waiting_max;
constexpr std::uint32_t refusals_written_per_hour_max = 60;  // a hostile vehicle must not fill the disk
constexpr std::size_t vehicles_remembered_max = 10'000;

wire::MessageId new_message_id() {
    std::array<std::uint8_t, 16> bytes{};
    RAND_bytes(bytes.data(), bytes.size());  // where it fails, TLS does too
    return wire::MessageId::from_bytes(bytes);
}

std::string object_of(const Vin& vin, std::string_view job) { return std::format("{}/{}", vin.view(), job); }

AuditEntry by_person(const Principal& by, std::string_view action, std::string object, UtcTime now,
                     std::string_view outcome) {
    return {
        now, by.name, std::string(to_string(by.role)), std::string(action), std::move(object), std::string(outcome)};
}
AuditEntry by_vehicle(const Vin& vin, std::string_view action, std::string object, UtcTime now,
                      std::string_view outcome) {
    return {now, vin.str(), "vehicle", std::string(action), std::move(object), std::string(outcome)};
}

Result<std::chrono::seconds> lifetime_from(const json::Object& wish) {
    if (!json::has(wish, "expires_in_s")) return usual_lifetime;
    const std::chrono::seconds most = diagnosis::lifetime_max;
    TRY(const std::uint64_t asked, json::number(wish, "expires_in_s", static_cast<std::uint64_t>(most.count())));
    const std::chrono::seconds lifetime(static_cast<std::int64_t>(asked));
    if (lifetime < shortest_lifetime)
        return fail(diagnosis::faults::bad_job,
                    std::format("'expires_in_s' is at least {}", shortest_lifetime.count()));
    return lifetime;
}

}  // namespace

Result<void> DiagnosticDesk::start(UtcTime now) {
    TRY(const auto vins, jobs_.vehicles_with_open());
    for (const Vin& vin : vins) say_again_at_[vin] = now;
    return {};
}

Result<void> DiagnosticDesk::pass_time(UtcTime now) {
    std::vector<Vin> due;
    for (const auto& [vin, at] : say_again_at_)
        if (at <= now) due.push_back(vin);
    for (const Vin& vin : due) ENSURE(database_.transaction([&] { return say_open(vin, now); }));
    return {};
}

Result<json::Object> DiagnosticDesk::create(const Vin& vin, View body, const Principal& by, UtcTime now) {
    constexpr std::string_view action = "POST /api/v1/vehicles/{vin}/diagnostics";
    const auto parsed = json::parse(body, body_bytes_max);
    const json::Object wish = parsed && parsed->is_object() ? parsed->get_object() : json::Object{};
    const auto id = json::id<diagnosis::JobId>(wish, "job_id");
    const auto row = parsed ? create_unrecorded(vin, wish, by, now) : Result<Row>(fail(parsed.error()));
    ENSURE(audit_.append(
        by_person(by, action, object_of(vin, id ? id->view() : "?"), now, row ? "done" : row.error().code())));
    if (!row) return fail(row.error());
    return view_of_job(*row, {});
}

Result<DiagnosticJobRow> DiagnosticDesk::create_unrecorded(const Vin& vin, const json::Object& asked,
                                                           const Principal& by, UtcTime now) {
    TRY(const auto vehicle, io::store::Vehicles(database_).find(vin));
    if (!vehicle) return fail(faults::unknown_vehicle, vin.view());
    TRY(const auto id, json::id<diagnosis::JobId>(asked, "job_id"));
    TRY(diagnosis::Wish wish, diagnosis::wish_from_json(asked));
    TRY(const auto lifetime, lifetime_from(asked));
    const auto role = diagnosis::role_from(to_string(by.role));
    if (!role) return fail(faults::not_allowed, by.name);
    ENSURE(diagnosis::check_allowed(*role, wish));
    const std::string text = boost::json::serialize(diagnosis::to_json(wish));
    TRY(auto there, jobs_.find(id.view()));
    if (there && there->vin == vin && there->wish == text && there->author == by.name) return *std::move(there);
    if (there) return fail(faults::job_exists, id.view());
    TRY(const auto open, jobs_.open_of(vin));
    if (open.size() >= open_jobs_max)
        return fail(diagnosis::faults::queue_full, std::format("{} are open", open.size()));

    TRY(const std::uint64_t last, jobs_.last_sequence(vin));
    // Rises also where the database was restored from an older copy: a vehicle forgets no number.
    const std::uint64_t sequence =
        std::max(last + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now.seconds, 1)));
    const diagnosis::Job job{.id = id,
                             .vin = vin,
                             .sequence = sequence,
                             .issued = now,
                             .expires = now + lifetime,
                             .role = *role,
                             .requirements = wish.requirements,
                             .target = wish.target,
                             .steps = wish.steps};
    TRY(const Bytes order, director_.sign_order(diagnosis::to_json(job)));
    Row row{.vin = vin, .id = id.str(), .sequence = sequence, .created = now, .expires = job.expires};
    row.author = by.name;
    row.state = state_waiting;
    row.wish = text;
    row.order = text_of(order);
    ENSURE(database_.transaction([&] { return jobs_.put(row); }));
    ENSURE(say_open(vin, now));
    return row;
}

Result<json::Object> DiagnosticDesk::list(const Vin& vin, std::string_view after, std::size_t limit) {
    TRY(const auto vehicle, io::store::Vehicles(database_).find(vin));
    if (!vehicle) return fail(faults::unknown_vehicle, vin.view());
    std::uint64_t below = diagnosis::sequence_max;
    if (!after.empty()) {
        TRY(const Row last, find(vin, after));
        below = last.sequence;
    }
    TRY(const auto rows, jobs_.of_vehicle(vin, below, limit + 1));
    json::Array jobs;
    for (std::size_t i = 0; i < rows.size() && i < limit; ++i) jobs.push_back(view_of_job_line(rows[i]));
    json::Object view{{"jobs", std::move(jobs)}, {"next_cursor", nullptr}};
    if (rows.size() > limit) view["next_cursor"] = rows[limit - 1].id;
    return view;
}

Result<DiagnosticJobRow> DiagnosticDesk::find(const Vin& vin, std::string_view id) {
    TRY(auto row, jobs_.find(id));
    if (!row || row->vin != vin) return fail(faults::unknown_job, object_of(vin, id));
    return *std::move(row);
}

Result<json::Object> DiagnosticDesk::show(const Vin& vin, std::string_view id) {
    TRY(const Row row, find(vin, id));
    TRY(const auto results, jobs_.results_of(id));
    return view_of_job(row, results);
}

Result<json::Object> DiagnosticDesk::cancel(const Vin& vin, std::string_view id, const Principal& by, UtcTime now) {
    const auto row = cancel_unrecorded(vin, id, by);
    ENSURE(audit_.append(by_person(by, "DELETE /api/v1/vehicles/{vin}/diagnostics/{job}", object_of(vin, id), now,
                                   row ? "done" : row.error().code())));
    if (!row) return fail(row.error());
    ENSURE(say_open(vin, now));
    return show(vin, id);
}

Result<DiagnosticJobRow> DiagnosticDesk::cancel_unrecorded(const Vin& vin, std::string_view id, const Principal& by) {
    TRY(Row row, find(vin, id));
    if (row.author != by.name && by.role < server::Role::release_manager)
        return fail(faults::not_allowed, std::format("{} belongs to {}", id, row.author));
    if (row.ended) return fail(faults::job_ended, row.state);
    if (!row.cancel.empty()) return row;
    TRY(const auto job, diagnosis::JobId::parse(id));
    TRY(const Bytes order, director_.sign_order(diagnosis::to_json(diagnosis::Cancel{job, vin})));
    row.cancel = text_of(order);
    ENSURE(database_.transaction([&] { return jobs_.put(row); }));
    return row;
}

Result<void> DiagnosticDesk::vehicle_woke(const Vin& vin, UtcTime now) {
    return say_again_at_.contains(vin) ? say_open(vin, now) : Result<void>{};
}

// What cannot be understood is acknowledged all the same: it would not be better the next time.
Result<void> DiagnosticDesk::heard(const Vin& vin, const wire::DiagnosticResponse& response, UtcTime now) {
    const auto report = diagnosis::report_from_json(response.content);
    if (!report) {
        io::log::problem(report.error(), std::format("a diagnostic response of {}", vin.view()));
        return {};
    }
    if (std::holds_alternative<diagnosis::Refused>(report->what)) ENSURE(note_refusal(vin, *report, now));
    if (!report->job) return {};
    const auto row = find(vin, report->job->view());
    if (!row && row.error().is(faults::unknown_job)) return {};  // forgotten meanwhile, or never ours
    if (!row) return fail(row.error());
    ENSURE(take(*report, *row, now));
    return say_open(vin, now);
}

Result<void> DiagnosticDesk::take(const diagnosis::Report& report, Row row, UtcTime now) {
    if (const auto* some = std::get_if<diagnosis::Results>(&report.what)) {
        for (const auto& result : some->results)
            ENSURE(
                jobs_.add_result(row.id, result.step, result.ecu, boost::json::serialize(diagnosis::to_json(result))));
        return {};
    }
    if (row.ended) return {};
    if (const auto* refused = std::get_if<diagnosis::Refused>(&report.what)) {
        const bool wished = refused->code == diagnosis::faults::cancelled.code;
        return end(std::move(row), wished ? state_cancelled : state_refused, refused->code, refused->detail, now);
    }
    if (const auto* ended = std::get_if<diagnosis::Ended>(&report.what)) {
        const std::string& code = ended->summary.code;
        row.summary = boost::json::serialize(diagnosis::to_json(ended->summary));
        const bool wished = code == diagnosis::faults::cancelled.code;
        return end(std::move(row),
                   wished         ? state_cancelled
                   : code.empty() ? state_passed
                                  : state_failed,
                   code, "", now);
    }
    row.state = state_running;
    return jobs_.put(row);
}

Result<void> DiagnosticDesk::end(Row row, std::string_view state, std::string_view code, std::string_view detail,
                                 UtcTime now) {
    row.state = state;
    row.code = code;
    row.detail = detail;
    row.ended = now;
    ENSURE(jobs_.put(row));
    if (state == state_refused) return {};  // stands in the log as the vehicle's refusal
    return audit_.append(
        by_vehicle(row.vin, "diagnostic job ended", object_of(row.vin, row.id), now, code.empty() ? "done" : code));
}

Result<void> DiagnosticDesk::note_refusal(const Vin& vin, const diagnosis::Report& report, UtcTime now) {
    const auto& refused = std::get<diagnosis::Refused>(report.what);
    io::log::warning("{} refused a diagnostic job: {}: {}", vin.view(), refused.code, refused.detail);
    if (refusals_.size() >= vehicles_remembered_max) refusals_.clear();
    Refusals& known = refusals_[vin];
    if (now.seconds - known.since.seconds >= 3600) known = {now, 0};
    if (++known.count > refusals_written_per_hour_max) return {};
    return audit_.append(by_vehicle(vin, "diagnostic job refused",
                                    object_of(vin, report.job ? report.job->view() : "?"), now, refused.code));
}

Result<void> DiagnosticDesk::say_open(const Vin& vin, UtcTime now) {
    TRY(const auto rows, jobs_.open_of(vin));
    bool one_waits = false, open = false;
    for (const Row& row : rows) {
        const bool waits = row.state == state_waiting;
        if (waits && row.expires <= now) {
            const bool wished = !row.cancel.empty();
            const Fault& why = wished ? diagnosis::faults::cancelled : diagnosis::faults::expired;
            ENSURE(end(row, wished ? state_cancelled : state_expired, why.code, "the vehicle has not answered", now));
            continue;
        }
        if (!waits && row.expires + diagnosis::lifetime_max <= now) {
            ENSURE(
                end(row, state_failed, diagnosis::faults::out_of_time.code, "the vehicle has not told its end", now));
            continue;
        }
        open = true;
        if (!row.cancel.empty())
            say(vin, row.cancel, now);
        else if (waits && !one_waits)
            say(vin, row.order, now);
        one_waits = one_waits || waits;
    }
    say_again_at_.erase(vin);
    if (open) say_again_at_[vin] = now + say_again_after;
    return {};
}

void DiagnosticDesk::say(const Vin& vin, const std::string& order, UtcTime now) {
    const auto file = json::parse(view_of(order), diagnosis::job_file_bytes_max);
    if (!file) return io::log::problem(file.error(), "a stored diagnostic job");
    speaker_.say(
        {new_message_id(), std::nullopt, now, wire::Entity::server, vin, wire::DiagnosticRequest{file->get_object()}});
}

}  // namespace pitstop::server
