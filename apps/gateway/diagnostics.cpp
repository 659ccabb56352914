#include "apps/gateway/diagnostics.h"

#include "core/diagnosis/faults.h"
#include "core/diagnosis/judge.h"
#include "core/uptane/faults.h"
#include "io/log/log.h"

namespace pitstop::gateway {
namespace {

namespace log = io::log;
using diagnosis::Report;

constexpr std::size_t heard_max = 32;  // the server says again what is dropped here
constexpr std::chrono::seconds between_looks_for_roots{30};
constexpr std::chrono::hours refusals_window{1};
constexpr std::uint32_t unproven_refusals_told_max = 30;  // in a window: a hostile broker must not fill our disk
constexpr std::chrono::milliseconds between_sayings{5000};
constexpr std::chrono::seconds say_again_after{20};

Report refused(std::optional<diagnosis::JobId> job, const Error& why) {
    return {job, diagnosis::Refused{std::string(why.code()), std::string(why.detail())}};
}

// Perhaps signed by keys that a newer Root names, or the Root that we know is past its date.
bool may_be_newer_keys(const Error& error) {
    return error.is(uptane::faults::classical_missing) || error.is(uptane::faults::post_quantum_missing) ||
           error.is(uptane::faults::threshold_not_reached) || error.is(uptane::faults::expired);
}

}  // namespace

Diagnostics::Diagnostics(io::Loop& loop, Parts parts, DiagnosticMemory memory)
    : loop_(loop),
      parts_(std::move(parts)),
      memory_(std::move(memory)),
      heard_one_(loop),
      took_one_(loop) {}

void Diagnostics::on_order(json::Object file, io::mqtt::Retain retained) {
    if (retained == io::mqtt::Retain::yes) {
        if (const auto told = refuse_unproven(file, Error(diagnosis::faults::retained)); !told)
            log::problem(told.error(), "diagnostics");
        return;
    }
    if (heard_.size() >= heard_max) return log::warning("diagnostics: more orders than can be judged");
    heard_.push_back(std::move(file));
    heard_one_.notify();
}

void Diagnostics::on_connected() {
    for (const update::Outgoing& message : memory_.take_unsent_since(loop_.utc_now(), loop_.utc_now()))
        parts_.publish(message);
}

io::Task<void> Diagnostics::say_again() {
    for (;;) {
        co_await io::pause(between_sayings);
        const UtcTime now = loop_.utc_now();
        for (const update::Outgoing& message : memory_.take_unsent_since(now + -say_again_after, now))
            parts_.publish(message);
    }
}

io::Task<void> Diagnostics::judge_orders() {
    for (;;) {
        while (heard_.empty()) co_await heard_one_.wait();
        json::Object file = std::move(heard_.front());
        heard_.pop_front();
        const auto judged = co_await judge(std::move(file));
        if (judged) continue;
        if (judged.error().remedy() == Remedy::stop) co_return fail(judged.error());
        log::problem(judged.error(), "a diagnostic order cannot be judged now");
    }
}

io::Task<void> Diagnostics::judge(json::Object file) {
    const auto order = co_await believe(file);
    if (!order && order.error().remedy() == Remedy::stop) co_return fail(order.error());
    if (!order) co_return refuse_unproven(file, order.error());
    const auto* job = std::get_if<diagnosis::Job>(&*order);
    if (!job) co_return cancel(std::get<diagnosis::Cancel>(*order));
    if (const auto* known = memory_.ledger().find(job->id)) {
        log::info("diagnostic job {} again", job->id.view());
        co_return report(diagnosis::answer_to_repetition(*known));
    }
    if (job->vin != parts_.car.vehicle().vin)
        co_return refuse_unproven(file, Error(diagnosis::faults::foreign, job->vin.view()));
    co_return co_await decide(*job);
}

io::Task<diagnosis::Order> Diagnostics::believe(const json::Object& file) {
    const auto open_with = [&](const Result<uptane::Root>& root) {
        return root ? diagnosis::open_order({file}, *root) : Result<diagnosis::Order>(fail(root.error()));
    };
    Result<diagnosis::Order> order = open_with(parts_.trust.director_root());
    const bool asked_lately = newer_roots_asked_.us != 0 && loop_.now() - newer_roots_asked_ < between_looks_for_roots;
    if (order || !may_be_newer_keys(order.error()) || asked_lately) co_return order;
    newer_roots_asked_ = loop_.now();
    const auto newest = co_await parts_.trust.newest_director_root();
    if (!newest) {
        log::problem(newest.error(), "looking for a newer Root");
        co_return order;
    }
    co_return open_with(newest);
}

// Neither a replay nor a number from the future changes what is remembered; nor is a replay worth asking for the time.
io::Task<void> Diagnostics::decide(diagnosis::Job job) {
    namespace faults = diagnosis::faults;
    auto judged = judge_at(job, time_now());
    if (judged || !judged.error().is(faults::replayed)) {
        CO_TRY(const UtcTime now, co_await learn_time());
        judged = judge_at(job, now);
    }
    diagnosis::Ledger next = memory_.ledger();
    if (judged) {
        next.take(job);
    } else {
        log::problem(judged.error(), std::format("diagnostic job {}", job.id.view()));
        if (judged.error().is(faults::replayed) || judged.error().is(faults::bad_job))
            co_return report(refused(job.id, judged.error()));
        next.refuse(job, judged.error());
    }
    CO_ENSURE(memory_.keep(std::move(next)));
    CO_ENSURE(report(diagnosis::answer_to_repetition(*memory_.ledger().find(job.id))));
    took_one_.notify();
    co_return Result<void>{};
}

Result<void> Diagnostics::judge_at(const diagnosis::Job& job, UtcTime now) const {
    diagnosis::Circumstances circumstances{.vehicle = parts_.car.vehicle(),
                                           .now = now,
                                           .last_sequence = memory_.ledger().last_sequence,
                                           .waiting = memory_.ledger().waiting()};
    if (const auto conditions = parts_.conditions.now()) circumstances.conditions = *conditions;
    ENSURE(diagnosis::judge(job, circumstances));
    return check_ready(job.requirements);  // also when the conditions cannot be known
}

Result<void> Diagnostics::cancel(const diagnosis::Cancel& order) {
    if (order.vin != parts_.car.vehicle().vin) return report(refused({}, Error(diagnosis::faults::foreign)));
    const auto* known = memory_.ledger().find(order.id);
    if (known && known->stage == diagnosis::Stage::ended) return report(diagnosis::answer_to_repetition(*known));
    if (known && known->stage == diagnosis::Stage::running) {
        if (running_) running_->run.stop(Error(diagnosis::faults::cancelled));
        return {};
    }
    diagnosis::Ledger next = memory_.ledger();
    next.end(order.id, refused(order.id, Error(diagnosis::faults::cancelled, "before it began")));
    ENSURE(memory_.keep(std::move(next)));
    return report(diagnosis::answer_to_repetition(*memory_.ledger().find(order.id)));
}

Result<void> Diagnostics::report(const Report& report) {
    TRY(const update::Outgoing message, memory_.put(report, loop_.utc_now()));
    parts_.publish(message);
    return {};
}

Result<void> Diagnostics::refuse_unproven(const json::Object& file, const Error& why) {
    const auto claimed = diagnosis::claimed_job({file});
    log::problem(why, std::format("a diagnostic order that says it is {}", claimed ? claimed->view() : "nothing"));
    if (loop_.now() - refusals_counted_from_ > refusals_window) {
        refusals_counted_from_ = loop_.now();
        unproven_refusals_ = 0;
    }
    if (++unproven_refusals_ > unproven_refusals_told_max) return {};
    return report(refused({}, Error(why.fault(), std::format("an order that says it is {}: {}",
                                                             claimed ? claimed->view() : "nothing", why.detail()))));
}

io::Task<UtcTime> Diagnostics::learn_time() {
    CO_TRY(const UtcTime now, co_await parts_.trust.learn_time_now());
    known_time_ = {now, loop_.now()};
    co_return now;
}

// Never later than it is: attested, and the time that has passed since.
UtcTime Diagnostics::time_now() const {
    if (!known_time_) return parts_.trust.attested_time().value_or(UtcTime{});
    return known_time_->time + std::chrono::duration_cast<std::chrono::seconds>(loop_.now() - known_time_->learned);
}

}  // namespace pitstop::gateway
