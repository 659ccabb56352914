#include "core/update/decide.h"
#include "core/update/sample_job_test.h"
#include "tests/models/path.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::paths {

std::string to_string(const std::vector<int>& numbers) {
    std::string text;
    for (const int number : numbers) text += std::format(" {}", number);
    return text;
}

namespace {

using namespace update;

// The numbers of set_transaction.pml.
enum Event : int { began = 0, did = 1, refused = 2, silent = 3, unbelievable = 4, time_passed = 5, started = 6 };
constexpr int over = 5;
constexpr int ecus = 3;

constexpr Fault no{"paths.no", Remedy::refuse, "", ""};
constexpr Fault nothing{"paths.silent", Remedy::retry, "", ""};
constexpr Fault lie{"paths.lie", Remedy::distrust, "", ""};

// As replay_test.py tells the model.
static_assert(refusals_max == 4);
const Rules rules{sample::vin, Consent::automatic, "", 2};

EcuId ecu(int index) { return *EcuId::parse(std::format("ECU_0{}", 11 + index)); }

State ready_for_three() {
    State state = State::fresh(sample::noon);
    state.job = Job{.campaign = sample::campaign().id, .step = update::Step::judging};
    for (int i = 0; i < ecus; ++i) {
        Member member = sample::members().front();
        member.target.ecu = ecu(i);
        state.job->members.push_back(member);
    }
    return state;
}

Work work_of(int step) {
    constexpr std::array works{Work::stage, Work::activate, Work::confirm, Work::undo};
    return works.at(static_cast<std::size_t>(step - 1));
}

update::Event event_of(const std::vector<int>& numbers) {
    const EcuId of = ecu(numbers.at(1));
    const auto failed = [&](const Fault& fault) { return WorkFailed{work_of(numbers.at(2)), of, Error(fault)}; };
    switch (numbers.at(0)) {
        case did: return EcuDone{work_of(numbers.at(2)), of};
        case refused: return failed(no);
        case silent: return failed(nothing);
        case unbelievable: return failed(lie);
        case time_passed: return TimePassed{};
        case started: return Started{"boot"};
        default: return ReadinessJudged{Asker::ourselves, sample::campaign().id, {true, {}, 0}};
    }
}

int number_of(update::Step step) {
    switch (step) {
        case update::Step::staging: return 1;
        case update::Step::activating: return 2;
        case update::Step::confirming: return 3;
        case update::Step::undoing: return 4;
        default: return 0;
    }
}

// The model's view of it.
std::vector<int> seen(const Decision& decision) {
    const State& state = decision.next;
    std::vector<int> numbers{state.job ? number_of(state.job->step) : over, state.job && state.job->activated};
    for (int i = 0; i < ecus; ++i)
        numbers.push_back(state.job ? static_cast<int>(state.job->members.at(static_cast<std::size_t>(i)).progress)
                                    : 0);
    for (int i = 0; i < ecus; ++i) numbers.push_back(std::ranges::contains(state.stuck, ecu(i)));
    for (int i = 0; i < ecus; ++i)
        numbers.push_back(std::ranges::any_of(decision.actions, [&](const Action& action) {
            const auto* flash = std::get_if<Flash>(&action);
            return flash != nullptr && state.job && flash->ecu == ecu(i) &&
                   flash->work == work_of(number_of(state.job->step));
        }));
    return numbers;
}

// As a gateway that starts reads it again.
State read_back(const State& state) {
    const std::string file = boost::json::serialize(to_json(state));
    return *state_from_json(view_of(file));
}

}  // namespace

std::expected<void, std::string> walk_set(const Path& path) {
    State state = ready_for_three();
    UtcTime now = sample::noon;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::vector<int>& event = path[i].event;
        if (event.at(0) == time_passed) now = now + std::chrono::seconds(2 * pause_s_max);
        if (event.at(0) == started) state = read_back(state);
        const Decision decision = decide(state, event_of(event), rules, now);
        state = decision.next;
        if (const std::vector<int> is = seen(decision); is != path[i].after)
            return std::unexpected(std::format("step {},{}: the model says{}, decide(){}", i + 1, to_string(event),
                                               to_string(path[i].after), to_string(is)));
        const bool must_tell = (state.job && state.job->activated) || !state.stuck.empty();
        if (why_not_to_drive(state).has_value() != must_tell)
            return std::unexpected(std::format("step {}: whether it may be driven", i + 1));
    }
    return {};
}

}  // namespace pitstop::paths
