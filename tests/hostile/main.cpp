// pitstop-hostile: hostile repositories against core/uptane, judged by an oracle of their own.
//
//     pitstop-hostile --cases 10000                  as a test: the same cases every time
//     pitstop-hostile --seconds 600 --threads 2      new ones (./dev attack)
//     pitstop-hostile --seed 4711                    one case again, step by step
//
// Seeds of tests/hostile/seeds.txt (`--kept FILE`) come first. Exit 1 where a verdict was wrong, or where a mutation of
// the table was never used.
#include "tests/hostile/journey.h"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace {

using namespace pitstop::hostile;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t failures_shown_max = 10;

struct Wish {
    std::uint64_t cases = 0, seconds = 0, first = 1, threads = 1;
    std::optional<std::uint64_t> seed;
    std::string kept;
    bool uses = false;
};

int usage() {
    std::fputs(
        "pitstop-hostile [--cases N | --seconds N] [--first SEED] [--threads N] [--kept FILE] [--uses]\n"
        "pitstop-hostile --seed SEED\n",
        stderr);
    return 2;
}

std::optional<Wish> read(int argc, char** argv) {
    Wish wish;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--uses") {
            wish.uses = true;
            continue;
        }
        if (++i == argc) return std::nullopt;
        const std::string_view value = argv[i];
        std::uint64_t number = 0;
        if (name == "--kept") {
            wish.kept = value;
            continue;
        }
        if (std::from_chars(value.data(), value.data() + value.size(), number).ec != std::errc{}) return std::nullopt;
        if (name == "--cases")
            wish.cases = number;
        else if (name == "--seconds")
            wish.seconds = number;
        else if (name == "--first")
            wish.first = number;
        else if (name == "--threads")
            wish.threads = number;
        else if (name == "--seed")
            wish.seed = number;
        else
            return std::nullopt;
    }
    if (wish.threads == 0 || (wish.cases == 0 && wish.seconds == 0 && !wish.seed)) return std::nullopt;
    return wish;
}

// One seed a line; what follows it says why it was kept.
std::vector<std::uint64_t> read_kept(const std::string& path) {
    std::vector<std::uint64_t> seeds;
    std::ifstream file(path);
    if (!file) {
        std::fprintf(stderr, "pitstop-hostile: cannot read %s\n", path.c_str());
        std::exit(2);
    }
    for (std::string line; std::getline(file, line);) {
        std::uint64_t seed = 0;
        if (std::from_chars(line.data(), line.data() + line.size(), seed).ec == std::errc{}) seeds.push_back(seed);
    }
    return seeds;
}

class Run {
public:
    Run(const Wish& wish, const std::vector<Mutation>& table) : wish_(wish), table_(table), total_(table.size()) {
        if (!wish.kept.empty()) kept_ = read_kept(wish.kept);
        if (wish.seed) kept_ = {*wish.seed};
        if (wish.seconds > 0) end_ = Clock::now() + std::chrono::seconds(wish.seconds);
    }

    int go() {
        std::vector<std::thread> threads;
        for (std::uint64_t i = 1; i < wish_.threads; ++i) threads.emplace_back([this] { work(); });
        work();
        for (std::thread& thread : threads) thread.join();
        return report();
    }

private:
    std::optional<std::uint64_t> next() {
        const std::uint64_t turn = turn_++;
        if (turn < kept_.size()) return kept_[turn];
        if (wish_.seed || failures_ >= failures_shown_max) return std::nullopt;
        if (wish_.cases > 0 && cases_ >= wish_.cases) return std::nullopt;
        if (end_ && Clock::now() >= *end_) return std::nullopt;
        return wish_.first + (turn - kept_.size());
    }

    void work() {
        Keyring keys(key_pairs);
        Tally mine(table_.size());
        while (const auto seed = next()) {
            const std::uint64_t before = mine.cases;
            const auto wrong = travel(keys, table_, *seed, mine, wish_.seed ? Loudness::loud : Loudness::quiet);
            cases_ += mine.cases - before;
            if (!wrong) continue;
            ++failures_;
            const std::scoped_lock lock(mutex_);
            std::printf(
                "seed %llu: %s\n  again with: pitstop-hostile --seed %llu; keep it in tests/hostile/seeds.txt\n",
                static_cast<unsigned long long>(*seed), wrong->c_str(), static_cast<unsigned long long>(*seed));
            std::fflush(stdout);
        }
        const std::scoped_lock lock(mutex_);
        total_.add(mine);
    }

    int report() const {
        bool all_used = true;
        for (std::size_t i = 0; i < table_.size(); ++i) {
            const Tally::Use& use = total_.uses[i];
            if (wish_.uses)
                std::printf("%-45s used %8llu  refused %8llu\n", table_[i].name.c_str(),
                            static_cast<unsigned long long>(use.times), static_cast<unsigned long long>(use.refused));
            if (use.times > 0 || wish_.seed || wish_.seconds > 0) continue;
            std::printf("never used: %s\n", table_[i].name.c_str());
            all_used = false;
        }
        std::printf(
            "%llu cases of %zu mutations, %llu refused, %llu accepted, %llu wrongly accepted, %llu wrongly refused; "
            "%llu honest steps between them\n",
            static_cast<unsigned long long>(total_.cases), table_.size(),
            static_cast<unsigned long long>(total_.refused), static_cast<unsigned long long>(total_.accepted),
            static_cast<unsigned long long>(total_.wrongly_accepted),
            static_cast<unsigned long long>(total_.wrongly_refused), static_cast<unsigned long long>(total_.honest));
        return failures_ == 0 && all_used ? 0 : 1;
    }

    const Wish& wish_;
    const std::vector<Mutation>& table_;
    std::vector<std::uint64_t> kept_;
    std::optional<Clock::time_point> end_;
    std::atomic<std::uint64_t> turn_ = 0, cases_ = 0, failures_ = 0;
    std::mutex mutex_;
    Tally total_;
};

}  // namespace

int main(int argc, char** argv) {
    const auto wish = read(argc, argv);
    if (!wish) return usage();
    const auto table = all_mutations();
    return Run(*wish, table).go();
}
