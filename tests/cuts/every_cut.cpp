#include "tests/cuts/every_cut.h"

#include <format>
#include <random>

namespace pitstop::cuts {
namespace {

using flash::RamFlash;
using flash::Torn;
using End = Life::End;

constexpr int cuts_of_one_try_max = 5;
// Three starts of an image that nobody confirms end its trial, so a try may need another round.
constexpr int lives_max = 12;

struct Try {
    RamFlash flash;
    TesterMemory memory;
};

// Until the update is through, with one cut on the way or none.
Life go_on(Try& run, Scenario& scenario, std::uint64_t cut_at, Torn torn, Count& count) {
    run.flash.power_up();
    if (cut_at > 0) run.flash.cut_at(cut_at, torn);
    ++count.lives;
    return live(run.flash, scenario, run.memory);
}

std::string how_to_repeat(const Scenario& scenario, Torn torn, std::uint64_t first, std::uint64_t second) {
    return std::format("./dev cuts --case {}/{}/{}/{}/{}", to_string(scenario.kind), scenario.memory,
                       static_cast<int>(torn), first, second);
}

// After the first cut.
void cut_the_recovery(const Try& after_cut, Scenario& scenario, Torn torn, std::uint64_t first, std::uint64_t only,
                      Count& count) {
    Try smooth = after_cut;
    const std::uint64_t before = smooth.flash.operations();
    const Life recovered = go_on(smooth, scenario, 0, torn, count);
    const auto fail = [&](std::uint64_t second, const std::string& why) {
        count.failure = std::format("{}: {}", how_to_repeat(scenario, torn, first, second), why);
    };
    if (recovered.end != End::updated) return fail(0, recovered.why);
    const std::uint64_t operations = smooth.flash.operations() - before;
    const std::uint64_t step = scenario.second_cut_every;
    const std::uint64_t from = only == 0 ? 1 + first % step : only;
    for (std::uint64_t second = from; second <= (only == 0 ? operations : only); second += step) {
        Try run = after_cut;
        const Life cut = go_on(run, scenario, second, torn, count);
        if (cut.end != End::cut) return fail(second, cut.end == End::updated ? "no cut happened" : cut.why);
        ++count.cuts;
        const Life last = go_on(run, scenario, 0, torn, count);
        if (last.end != End::updated) return fail(second, last.why);
    }
}

std::uint32_t between(std::mt19937_64& dice, std::uint32_t lowest, std::uint32_t highest) {
    return lowest + static_cast<std::uint32_t>(dice() % (highest - lowest + 1));
}

Memory memory_at_random(std::mt19937_64& dice, Kind kind) {
    Memory memory{"random", {}};
    const std::uint32_t unit = 1U << between(dice, 0, 8);
    memory.geometry.program_unit_bytes = unit;
    const auto sector = [&](std::uint32_t lowest, std::uint32_t highest) {
        return (between(dice, lowest, highest) + unit - 1) / unit * unit;
    };
    memory.geometry.runs[0] = {has_one_bank(kind) ? 7U : 4U, sector(256, 1100)};
    if (has_one_bank(kind)) {  // deltas in place want sectors that are a power of two
        memory.geometry.runs[1] = {between(dice, 3, 12), std::max(256U << between(dice, 0, 2), unit)};
    } else {
        memory.geometry.runs[1] = {between(dice, 1, 8), sector(200, 1500)};
        memory.geometry.runs[2] = {between(dice, 1, 8), sector(200, 1500)};
    }
    return memory;
}

Torn torn_at_random(std::mt19937_64& dice) { return static_cast<Torn>(dice() % 4); }

}  // namespace

void cut_everywhere(Scenario& scenario, Torn torn, Count& count, std::uint64_t only_first, std::uint64_t only_second) {
    const Try fresh{*scenario.before, fresh_memory(scenario)};
    Try smooth = fresh;
    const std::uint64_t before = smooth.flash.operations();
    if (const Life life = go_on(smooth, scenario, 0, torn, count); life.end != End::updated) {
        count.failure = std::format("{}: {}", how_to_repeat(scenario, torn, 0, 0), life.why);
        return;
    }
    const std::uint64_t operations = smooth.flash.operations() - before;
    count.operations += operations;
    const std::uint64_t last = only_first == 0 ? operations : only_first;
    for (std::uint64_t first = only_first == 0 ? 1 : only_first; first <= last && count.failure.empty(); ++first) {
        Try run = fresh;
        const Life cut = go_on(run, scenario, first, torn, count);
        if (cut.end != End::cut) {
            count.failure = std::format("{}: {}", how_to_repeat(scenario, torn, first, 0),
                                        cut.end == End::updated ? "no cut happened" : cut.why);
            return;
        }
        ++count.cuts;
        cut_the_recovery(run, scenario, torn, first, only_second, count);
    }
}

void cut_at_random(std::uint64_t seed, Count& count) {
    std::mt19937_64 dice(seed);
    const auto kind = static_cast<Kind>(dice() % kinds);
    Memory memory = memory_at_random(dice, kind);
    memory.images = {between(dice, 1, 2500), between(dice, 1, 2500), static_cast<std::uint32_t>(dice())};
    memory.block_size_bytes = between(dice, 20, 700);
    auto scenario = make_scenario(kind, memory);
    if (!scenario) return;
    const Try fresh{*scenario->before, fresh_memory(*scenario)};
    Try smooth = fresh;
    const std::uint64_t before = smooth.flash.operations();
    const auto fail = [&](const std::string& why) {
        count.failure = std::format("./dev cuts --seed {}: {}: {}", seed, to_string(kind), why);
    };
    if (const Life life = go_on(smooth, *scenario, 0, Torn::half, count); life.end != End::updated)
        return fail(life.why);
    const std::uint64_t operations = smooth.flash.operations() - before;
    count.operations += operations;
    for (int tries = 0; tries < 200; ++tries) {
        Try run = fresh;
        int cuts_left = static_cast<int>(between(dice, 1, cuts_of_one_try_max));
        for (int lives = 0;; ++lives) {
            const std::uint64_t at = cuts_left-- > 0 ? 1 + dice() % operations : 0;
            const Life life = go_on(run, *scenario, at, torn_at_random(dice), count);
            if (life.end == End::updated) break;
            if (life.end == End::wrong) return fail(life.why);
            if (lives > lives_max) return fail("it is not updated at last");
            ++count.cuts;
        }
    }
}

}  // namespace pitstop::cuts
