// Remote diagnostics in the vehicle (docs/formats/diagnosis.md): hears signed orders, judges them, asks the ECUs with
// local timing, in parallel, and tells the server step by step and in sum.
//
// Orders are judged one after the other, jobs run one after the other. An ECU is held while a job asks it (Car::turn),
// so that a job and an update never meet on it. What is taken is saved before it is done; a job that a restart cut off
// is told as diagnosis.interrupted and never begun again. An order that cannot be judged now, because the time server
// is away, is dropped: the server says it again. Faults of the tasks: those of saving, with which a gateway cannot go
// on.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/cloud.h"
#include "apps/gateway/conditions.h"
#include "apps/gateway/diagnostics_memory.h"
#include "apps/gateway/trust.h"
#include "core/diagnosis/order.h"
#include "core/diagnosis/run.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace pitstop::gateway {

class Diagnostics final : public DiagnosticInbox {
public:
    struct Parts {
        Car& car;
        Trust& trust;
        const Conditions& conditions;
        std::function<void(const update::Outgoing&)> publish;  // may get lost
    };

    Diagnostics(io::Loop& loop, Parts parts, DiagnosticMemory memory);

    void on_order(json::Object file, io::mqtt::Retain retained) override;
    void on_acknowledged(const wire::MessageId& id) override { memory_.acknowledge(id); }
    void on_connected() override;

    [[nodiscard]] io::Task<void> judge_orders();
    [[nodiscard]] io::Task<void> run_jobs();
    [[nodiscard]] io::Task<void> say_again();  // time passes

private:
    // Shared by the lanes' tasks, which may end after the job's when the loop stops.
    struct Running {
        explicit Running(diagnosis::JobRun job_run) : run(std::move(job_run)) {}
        diagnosis::JobRun run;
    };
    using Turns = std::map<EcuId, Car::Turn>;
    struct KnownTime {
        UtcTime time;
        Tick learned;
    };

    // diagnostics.cpp: what is heard
    [[nodiscard]] io::Task<void> judge(json::Object file);
    [[nodiscard]] io::Task<diagnosis::Order> believe(const json::Object& file);
    [[nodiscard]] io::Task<void> decide(diagnosis::Job job);
    [[nodiscard]] Result<void> judge_at(const diagnosis::Job& job, UtcTime now) const;
    [[nodiscard]] Result<void> cancel(const diagnosis::Cancel& order);
    [[nodiscard]] Result<void> report(const diagnosis::Report& report);
    [[nodiscard]] Result<void> refuse_unproven(const json::Object& file, const Error& why);
    [[nodiscard]] io::Task<UtcTime> learn_time();

    // diagnostics_run.cpp: what is done
    [[nodiscard]] Result<void> close_interrupted();
    [[nodiscard]] io::Task<void> run(diagnosis::Job job);
    [[nodiscard]] io::Task<void> drive(std::shared_ptr<Running> running, std::size_t lane);
    [[nodiscard]] boost::asio::awaitable<void> take_turns(const diagnosis::Lane& lane, const diagnosis::Step& step,
                                                          Turns& held);
    [[nodiscard]] boost::asio::awaitable<std::vector<diagnosis::Heard>> ask(const diagnosis::Lane& lane,
                                                                            const diagnosis::Step& step,
                                                                            const Turns& held);
    [[nodiscard]] Result<void> check_ready(const diagnosis::Requirements& requirements) const;
    [[nodiscard]] Result<void> refuse_begun(const diagnosis::Job& job, const Error& why);
    [[nodiscard]] Result<void> tell_results(diagnosis::JobRun& run);
    [[nodiscard]] UtcTime time_now() const;

    io::Loop& loop_;
    Parts parts_;
    DiagnosticMemory memory_;
    std::deque<json::Object> heard_;
    io::Signal heard_one_, took_one_;
    std::shared_ptr<Running> running_;
    std::optional<KnownTime> known_time_;
    Tick newer_roots_asked_;
    std::uint32_t unproven_refusals_ = 0;  // in this hour
    Tick refusals_counted_from_;
};

}  // namespace pitstop::gateway
