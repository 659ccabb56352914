// How a job is carried out: a task for each lane, and one that looks after them.
#include "apps/gateway/diagnostics.h"
#include "core/diagnosis/faults.h"
#include "core/diagnosis/judge.h"
#include "core/doip/faults.h"
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
constexpr std::size_t functional_bytes_max = 7;           // a single frame on every bus
constexpr std::size_t message_bytes_usual = 48 * 1024;    // of results in one message
constexpr std::size_t result_bytes_besides_answer = 200;  // its JSON without the answer's digits

std::uint32_t ms_between(Tick from, Tick to) {
    return static_cast<std::uint32_t>((to - from) / std::chrono::milliseconds(1));
}

io::Task<Car::Turn> take_turn(Car& car, EcuId ecu) { co_return co_await car.turn(ecu); }

// All that happens within the step's time, also while the ECU is busy or asks for patience. One that was busy and then
// says nothing is busy: its zone may be starting it anew.
io::Task<uds::Answer> ask_until(io::Loop& loop, Car::Way way, View request, Tick end) {
    std::optional<uds::Answer> busy;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - loop.now());
        uds::TesterTimings timings;
        timings.total = std::max(left, std::chrono::milliseconds(1));
        timings.p2 = timings.total;
        auto answer = co_await way.link.ask(way.target_address, request, timings);
        if (!answer && busy) co_return *busy;
        if (!answer || answer->refusal != uds::Nrc::busy_repeat_request) co_return answer;
        if (loop.now() + busy_pause >= end) co_return answer;
        busy = *answer;
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

boost::asio::awaitable<Heard> ask_one(io::Loop& loop, Car& car, EcuId ecu, const diagnosis::Step& step) {
    const Tick begin = loop.now(), end = begin + std::chrono::milliseconds(step.timeout_ms);
    const auto way = car.way_to(ecu);
    auto answer = way ? co_await ask_until(loop, *way, step.request, end) : Result<uds::Answer>(fail(way.error()));
    co_return heard_from(ecu, std::move(answer), ms_between(begin, loop.now()));
}

// All ECUs behind a zone at once; doip.unknown-target where the zone routes no functional requests.
io::Task<std::vector<Heard>> ask_zone(io::Loop& loop, Car& car, const diagnosis::Lane& lane,
                                      const diagnosis::Step& step) {
    CO_TRY(const Car::Way way, car.way_to(*lane.zone_gateway));
    const Tick begin = loop.now();
    const std::chrono::milliseconds limit(step.timeout_ms);
    const auto window = std::min(limit, functional_window);
    uds::TesterTimings timings;
    timings.total = limit;
    CO_TRY(std::vector<io::ethernet::GroupAnswer> answers,
           co_await way.link.ask_group(functional_group, step.request, window, timings));
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

io::Task<void> Diagnostics::drive(std::shared_ptr<Running> running, std::size_t lane) {
    diagnosis::JobRun& run = running->run;
    const diagnosis::Lane& with = run.lanes()[lane];
    Turns held;
    while (const diagnosis::Step* const upcoming = run.upcoming(lane)) {
        co_await take_turns(with, *upcoming, held);
        // Only now: the car may have been driven away, or the job cancelled, meanwhile.
        if (const auto ready = check_ready(run.job().requirements); !ready) run.stop(ready.error());
        if (const diagnosis::Step* const step = run.next(lane)) run.on_answers(lane, co_await ask(with, *step, held));
    }
    co_return Result<void>{};
}

// ECUs under other work are waited for as long as the step may take, all of a lane together.
boost::asio::awaitable<void> Diagnostics::take_turns(const diagnosis::Lane& lane, const diagnosis::Step& step,
                                                     Turns& held) {
    const Tick end = loop_.now() + std::chrono::milliseconds(step.timeout_ms);
    for (const EcuId ecu : lane.ecus) {
        if (held.contains(ecu)) continue;
        if (!parts_.car.is_worked_on(ecu)) {
            held.emplace(ecu, co_await parts_.car.turn(ecu));
        } else if (loop_.now() < end) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - loop_.now());
            auto turn = co_await io::with_deadline(left, ecu.str(), take_turn(parts_.car, ecu));
            if (turn) held.emplace(ecu, *std::move(turn));
        }
    }
}

// A functional request reaches every ECU of its zone: it is sent only when nobody else works on any of them.
boost::asio::awaitable<std::vector<Heard>> Diagnostics::ask(const diagnosis::Lane& lane, const diagnosis::Step& step,
                                                            const Turns& held) {
    std::vector<Heard> heard;
    if (lane.zone_gateway && held.size() == lane.ecus.size() && step.request.size() <= functional_bytes_max) {
        auto together = co_await ask_zone(loop_, parts_.car, lane, step);
        if (together) co_return *std::move(together);
        if (!together.error().is(doip::faults::unknown_target)) {  // it may have been sent: not a second time
            for (const EcuId ecu : lane.ecus) heard.push_back({.ecu = ecu, .silence = together.error()});
            co_return heard;
        }
    }
    for (const EcuId ecu : lane.ecus)
        if (held.contains(ecu))
            heard.push_back(co_await ask_one(loop_, parts_.car, ecu, step));
        else
            heard.push_back({.ecu = ecu, .silence = Error(diagnosis::faults::ecu_busy, ecu.str())});
    co_return heard;
}

}  // namespace pitstop::gateway
