// How a job is carried out: a task for each lane, and one that looks after them.
#include "apps/gateway/diagnostics.h"
#include "core/diagnosis/faults.h"
#include "core/diagnosis/judge.h"
#include "core/uds/services.h"
#include "io/log/log.h"

namespace pitstop::gateway {
namespace {

namespace log = io::log;
using diagnosis::Heard;
using diagnosis::Report;

constexpr std::chrono::milliseconds between_looks{100};
constexpr std::chrono::milliseconds busy_pause{200};  // an ECU that said busyRepeatRequest is asked again then
constexpr std::uint16_t functional_group = 0xE400;    // ISO 13400-2: every ECU behind the entity
// Nobody says that he was the last. An ECU that needs longer says so with 0x78 and is waited for.
constexpr std::chrono::milliseconds functional_window{1000};
constexpr std::size_t message_bytes_usual = 48 * 1024;    // of results in one message
constexpr std::size_t result_bytes_besides_answer = 200;  // its JSON without the answer's digits

std::uint32_t ms_between(Tick from, Tick to) {
    return static_cast<std::uint32_t>((to - from) / std::chrono::milliseconds(1));
}

io::Task<Car::Turn> take_turn(Car& car, EcuId ecu) { co_return co_await car.turn(ecu); }

// All that happens within the step's time, also while the ECU is busy or asks for patience.
io::Task<uds::Answer> ask_until(io::Loop& loop, Car::Way way, View request, Tick end) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - loop.now());
        uds::TesterTimings timings;
        timings.total = std::max(left, std::chrono::milliseconds(1));
        timings.p2 = timings.total;
        CO_TRY(uds::Answer answer, co_await way.link.ask(way.target_address, request, timings));
        const bool again = answer.refusal == uds::Nrc::busy_repeat_request && loop.now() + busy_pause < end;
        if (!again) co_return answer;
        co_await io::pause(busy_pause);
    }
}

Heard heard_from(EcuId ecu, Result<uds::Answer> answer, std::uint32_t took_ms) {
    Heard heard{.ecu = ecu, .took_ms = took_ms};
    if (!answer)
        heard.silence = answer.error();
    else if (answer->refusal == uds::Nrc::busy_repeat_request)
        heard.silence = Error(diagnosis::faults::ecu_busy, ecu.str());
    else if (answer->refused())
        heard.nrc = answer->refusal;
    else
        heard.answer = std::move(answer->positive);
    return heard;
}

io::Task<void> ask_one(io::Loop& loop, Car& car, EcuId ecu, const diagnosis::Step& step, std::vector<Heard>& into) {
    const Tick begin = loop.now(), end = begin + std::chrono::milliseconds(step.timeout_ms);
    const auto way = car.way_to(ecu);
    auto answer = way ? co_await ask_until(loop, *way, step.request, end) : Result<uds::Answer>(fail(way.error()));
    into.push_back(heard_from(ecu, std::move(answer), ms_between(begin, loop.now())));
    co_return Result<void>{};
}

// All ECUs behind a zone at once; an error where the zone routes no functional requests.
io::Task<std::vector<Heard>> ask_zone(io::Loop& loop, Car& car, const diagnosis::Lane& lane,
                                      const diagnosis::Step& step) {
    CO_TRY(const Car::Way way, car.way_to(*lane.zone_gateway));
    auto* const entity = dynamic_cast<io::ethernet::DoipClient*>(&way.link);  // other links carry no groups
    if (!entity) co_return fail(diagnosis::faults::unknown_target, "functional");
    const Tick begin = loop.now();
    const std::chrono::milliseconds limit(step.timeout_ms);
    const auto window = std::min(limit, functional_window);
    uds::TesterTimings timings;
    timings.total = limit;
    CO_TRY(std::vector<io::ethernet::GroupAnswer> answers,
           co_await entity->ask_group(functional_group, step.request, window, timings));
    std::vector<Heard> heard;
    for (io::ethernet::GroupAnswer& one : answers)
        if (const auto ecu = EcuId::from_address(one.ecu))
            heard.push_back(heard_from(*ecu, std::move(one.answer), ms_between(begin, loop.now())));
    co_return heard;
}

}  // namespace

io::Task<void> Diagnostics::run_jobs() {
    CO_ENSURE(close_interrupted());
    for (;;) {
        const auto job = memory_.ledger().next_waiting();
        if (job)
            CO_ENSURE(co_await run(*job));
        else
            co_await took_one_.wait();
    }
}

Result<void> Diagnostics::close_interrupted() {
    for (const diagnosis::Job& job : memory_.ledger().running()) {
        const Error why(diagnosis::faults::interrupted);
        log::problem(why, job.id.view());
        const auto members = diagnosis::members_of(job.target, parts_.car.vehicle());
        const Report ended{job.id, diagnosis::Ended{diagnosis::summary_of_unknown(
                                       members ? *members : std::vector<diagnosis::Member>{}, why, job.steps.size())}};
        ENSURE(report(ended));
        diagnosis::Ledger next = memory_.ledger();
        next.end(job.id, ended);
        ENSURE(memory_.keep(std::move(next)));
    }
    return {};
}

Result<void> Diagnostics::check_ready(const diagnosis::Requirements& requirements) const {
    if (requirements == diagnosis::Requirements{}) return {};
    TRY(const vehicle::Conditions now, parts_.conditions.now());
    return diagnosis::check_ready(requirements, now);
}

io::Task<void> Diagnostics::run(diagnosis::Job job) {
    diagnosis::Ledger next = memory_.ledger();
    next.begin(job.id);
    CO_ENSURE(memory_.keep(std::move(next)));
    const auto planned = diagnosis::JobRun::plan(job, parts_.car.vehicle());
    if (!planned) co_return refuse_begun(job, planned.error());  // the vehicle's description has changed since
    log::info("diagnostic job {}: {} lanes, {} steps", job.id.view(), planned->lanes().size(), job.steps.size());
    const auto running = running_ = std::make_shared<Running>(*planned);
    diagnosis::JobRun& run = running->run;
    if (!known_time_) (void)co_await learn_time();  // after a restart; without it the last attested time counts
    for (std::size_t lane = 0; lane < run.lanes().size(); ++lane) loop_.spawn("diagnostic lane", drive(running, lane));
    for (;;) {
        if (time_now() >= job.expires) run.stop(Error(diagnosis::faults::out_of_time));
        CO_ENSURE(tell_results(run));
        if (run.ended()) break;
        co_await io::pause(between_looks);
    }
    running_.reset();
    const Report ended{job.id, diagnosis::Ended{run.summary()}};
    CO_ENSURE(report(ended));  // first: a crash in between says more than nothing
    next = memory_.ledger();
    next.end(job.id, ended);
    CO_ENSURE(memory_.keep(std::move(next)));
    log::info("diagnostic job {} ended: {}", job.id.view(), run.summary().code);
    co_return Result<void>{};
}

Result<void> Diagnostics::refuse_begun(const diagnosis::Job& job, const Error& why) {
    diagnosis::Ledger next = memory_.ledger();
    next.refuse(job, why);
    ENSURE(memory_.keep(std::move(next)));
    return report(diagnosis::answer_to_repetition(*memory_.ledger().find(job.id)));
}

Result<void> Diagnostics::tell_results(diagnosis::JobRun& run) {
    diagnosis::Results some;
    std::size_t bytes = 0;
    const auto tell = [&]() -> Result<void> {
        if (some.results.empty()) return {};
        bytes = 0;
        return report({run.job().id, std::exchange(some, {})});
    };
    for (diagnosis::StepResult& result : run.take_results()) {
        bytes += 2 * result.answer.size() + result_bytes_besides_answer;
        some.results.push_back(std::move(result));
        if (bytes >= message_bytes_usual) ENSURE(tell());
    }
    return tell();
}

// An ECU under other work is waited for as long as the first step may take; then it counts as busy.
io::Task<void> Diagnostics::drive(std::shared_ptr<Running> running, std::size_t lane) {
    diagnosis::JobRun& run = running->run;
    const diagnosis::Lane& with = run.lanes()[lane];
    std::vector<Car::Turn> turns;
    bool held = false;
    for (;;) {
        if (const auto ready = check_ready(run.job().requirements); !ready) run.stop(ready.error());
        const diagnosis::Step* const step = run.next(lane);
        if (!step) co_return Result<void>{};
        std::vector<Heard> heard;
        for (const EcuId ecu : held ? std::vector<EcuId>{} : with.ecus) {
            auto turn = co_await io::with_deadline(std::chrono::milliseconds(step->timeout_ms), ecu.str(),
                                                   take_turn(parts_.car, ecu));
            if (turn)
                turns.push_back(*std::move(turn));
            else
                heard.push_back({.ecu = ecu, .silence = Error(diagnosis::faults::ecu_busy, ecu.str())});
        }
        held = heard.empty();
        if (held)
            heard = co_await ask(with, *step);
        else
            turns.clear();
        run.on_answers(lane, heard);
    }
}

boost::asio::awaitable<std::vector<Heard>> Diagnostics::ask(const diagnosis::Lane& lane, const diagnosis::Step& step) {
    std::vector<Heard> heard;
    if (lane.zone_gateway) {
        auto together = co_await ask_zone(loop_, parts_.car, lane, step);
        if (together) co_return *std::move(together);
        log::problem(together.error(),
                     std::format("the ECUs behind {} are asked one by one", lane.zone_gateway->str()));
    }
    for (const EcuId ecu : lane.ecus) (void)co_await ask_one(loop_, parts_.car, ecu, step, heard);
    co_return heard;
}

}  // namespace pitstop::gateway
