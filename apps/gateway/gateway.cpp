#include "apps/gateway/gateway.h"

#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iterator>

namespace pitstop::gateway {
namespace {

namespace log = io::log;

constexpr std::chrono::milliseconds tick_interval{500};

std::string_view step_of(const update::State& state) { return state.job ? update::to_string(state.job->step) : "idle"; }

bool only_tells(const update::Action& action) { return std::holds_alternative<update::Send>(action); }

}  // namespace

Result<update::State> load_state(const std::filesystem::path& file, UtcTime now) {
    TRY(const auto saved, io::files::read_if_there(file, update::state_size_bytes_max));
    if (!saved) return update::State::fresh(now);
    return update::state_from_json(*saved);
}

Gateway::Gateway(io::Loop& loop, Parts parts, update::Rules rules, std::filesystem::path state_file,
                 update::State state)
    : loop_(loop),
      parts_(parts),
      rules_(std::move(rules)),
      state_file_(std::move(state_file)),
      state_(std::move(state)),
      arrived_(loop) {}

void Gateway::post(update::Event event) {
    events_.push_back(std::move(event));
    arrived_.notify();
}

io::Task<void> Gateway::run() {
    for (;;) {
        while (events_.empty()) co_await arrived_.wait();
        CO_ENSURE(handle_what_waits());
    }
}

io::Task<void> Gateway::tick() {
    for (;;) {
        co_await io::pause(tick_interval);
        if (state_.job && state_.job->step <= update::Step::put_off)
            if (const auto answer = parts_.consent.take_answer()) post(*answer);
        post(update::TimePassed{});
    }
}

// What waits is decided in one go and written once, up to the first event after which there is more to do than to
// tell: nothing is done or told before it is written.
Result<void> Gateway::handle_what_waits() {
    update::State next = state_;
    std::vector<update::Action> actions;
    while (!events_.empty() && std::ranges::all_of(actions, only_tells)) {
        update::Decision decision = update::decide(next, events_.front(), rules_, loop_.utc_now());
        events_.pop_front();
        next = std::move(decision.next);
        std::ranges::move(decision.actions, std::back_inserter(actions));
    }
    if (next != state_) {
        ENSURE(io::files::write_atomically(state_file_, view_of(boost::json::serialize(update::to_json(next))),
                                           io::files::FileMode::private_));
        if (step_of(next) != step_of(state_)) log::info("{} → {}", step_of(state_), step_of(next));
        state_ = std::move(next);
    }
    for (const update::Action& action : actions) std::visit([this](const auto& what) { perform(what); }, action);
    return {};
}

void Gateway::begin(update::Work work, std::optional<EcuId> ecu, io::Task<update::Event> task) {
    loop_.spawn(std::string(update::to_string(work)), settle(work, ecu, generation_, std::move(task)));
}

io::Task<void> Gateway::settle(update::Work work, std::optional<EcuId> ecu, std::uint64_t generation,
                               io::Task<update::Event> task) {
    Result<update::Event> outcome = co_await std::move(task);
    if (work == update::Work::read_inventory)
        reading_inventory_ = false;
    else if (generation != generation_)
        co_return Result<void>{};
    if (outcome) {
        post(*std::move(outcome));
    } else {
        log::problem(outcome.error(),
                     ecu ? std::format("{} {}", update::to_string(work), ecu->str()) : update::to_string(work));
        post(update::WorkFailed{work, ecu, outcome.error()});
    }
    co_return Result<void>{};
}

}  // namespace pitstop::gateway
