// pitstop-cuts: pulls the plug at every flash operation of every kind of update, on many memories, and again at every
// operation of the recovery. See ./dev cuts --help.
#include "tests/cuts/every_cut.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <format>
#include <string>

namespace {

using namespace pitstop;
using namespace pitstop::cuts;

constexpr const char* help = R"(Power cuts in flash updates.
  pitstop-cuts [--at-least N]        every cut and every second cut of all scenarios; random ones until there were N
  pitstop-cuts --seconds N [--seed S] random memories, images and cuts, N seconds, beginning with this seed
  pitstop-cuts --seed S              one random scenario again
  pitstop-cuts --case KIND/MEMORY/TORN/FIRST[/SECOND]   one try again, as a failure prints it
)";

struct Options {
    std::uint64_t at_least = 0, seconds = 0;
    std::optional<std::uint64_t> seed;
    std::string one_case;
};

void print(std::string_view what, const Count& count) {
    std::printf("%-32.*s %9llu cuts in %9llu lives, %5.1f s of CPU so far\n", static_cast<int>(what.size()),
                what.data(), static_cast<unsigned long long>(count.cuts), static_cast<unsigned long long>(count.lives),
                static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
    std::fflush(stdout);
}

void add(Count& all, const Count& more) {
    all.cuts += more.cuts;
    all.lives += more.lives;
    all.operations += more.operations;
    if (all.failure.empty()) all.failure = more.failure;
}

void play_all(Count& all) {
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto kind = static_cast<Kind>(i);
        Count of_kind;
        const auto on = memories(kind);
        for (const Memory& memory : on) {
            auto scenario = make_scenario(kind, memory);
            if (!scenario) {
                of_kind.failure = std::format("{} on {} cannot be played", to_string(kind), memory.name);
                break;
            }
            for (int torn = 0; torn < 4 && of_kind.failure.empty(); ++torn)
                cut_everywhere(*scenario, static_cast<flash::Torn>(torn), of_kind);
        }
        print(std::format("{} on {} memories", to_string(kind), on.size()), of_kind);
        add(all, of_kind);
        if (!all.failure.empty()) return;
    }
}

void play_one(const std::string& name, Count& all) {
    std::array<char, 32> kind_name{}, memory_name{};
    int torn = 0;
    unsigned long long first = 0, second = 0;
    if (std::sscanf(name.c_str(), "%31[^/]/%31[^/]/%d/%llu/%llu", kind_name.data(), memory_name.data(), &torn, &first,
                    &second) < 4) {
        all.failure = "a case is KIND/MEMORY/TORN/FIRST[/SECOND]";
        return;
    }
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto kind = static_cast<Kind>(i);
        if (to_string(kind) != kind_name.data()) continue;
        for (const Memory& memory : memories(kind)) {
            if (memory.name != memory_name.data()) continue;
            auto scenario = make_scenario(kind, memory);
            if (scenario) return cut_everywhere(*scenario, static_cast<flash::Torn>(torn & 3), all, first, second);
        }
    }
    all.failure = "there is no such case";
}

std::optional<Options> read(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 >= argc) return std::nullopt;
        const char* const value = argv[i + 1];
        if (name == "--at-least")
            options.at_least = std::strtoull(value, nullptr, 10);
        else if (name == "--seconds")
            options.seconds = std::strtoull(value, nullptr, 10);
        else if (name == "--seed")
            options.seed = std::strtoull(value, nullptr, 10);
        else if (name == "--case")
            options.one_case = value;
        else
            return std::nullopt;
    }
    return options;
}

void play(const Options& options, Count& all) {
    if (!options.one_case.empty()) return play_one(options.one_case, all);
    std::uint64_t seed = options.seed.value_or(1);
    if (options.seed && options.seconds == 0) return cut_at_random(seed, all);
    if (options.seconds == 0) play_all(all);
    Count random;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
    while (all.failure.empty() && random.failure.empty() &&
           (std::chrono::steady_clock::now() < until || all.cuts + random.cuts < options.at_least))
        cut_at_random(seed++, random);
    print("at random", random);
    add(all, random);
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = read(argc, argv);
    if (!options) {
        std::fputs(help, stderr);
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    Count all;
    play(*options, all);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    print("all", all);
    std::printf("%.1f s, %.0f cuts/s\n", took.count(), static_cast<double>(all.cuts) / took.count());
    if (all.failure.empty()) return 0;
    std::printf("FAILED  %s\n", all.failure.c_str());
    return 1;
}
