// Runs one harness without libFuzzer: first its seeds as they are, then inputs near them.
//
//     fuzz-<name> SEEDS… [--cases N | --seconds N] [--seed N] [--crashes FOLDER]
//
// SEEDS are files and folders (seeds.h). What crashes, hangs or breaks a promise is written to crash-<name>-….hex,
// which is a seed again: hand it to the same program to see it once more, and keep it in fuzz/corpus when it is mended.
#include "fuzz/mutate.h"
#include "fuzz/property.h"
#include "fuzz/seeds.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <format>
#include <memory>
#include <span>

namespace pitstop::fuzz {
namespace {

constexpr unsigned case_time_s_max = 20;  // sanitizers included; a case takes milliseconds

struct Options {
    std::string name;
    std::vector<std::filesystem::path> places;
    std::uint64_t cases = 0;
    std::int64_t seconds = 0;
    std::uint64_t seed = std::random_device{}();
    std::filesystem::path crashes = ".";
};

// What a signal handler may still read.
struct Current {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    char title[256] = {};
    char file[512] = {};
};
Current current;

void say(int to, const char* text) {
    if (::write(to, text, std::strlen(text)) < 0) return;  // nobody is left to tell
}

extern "C" void on_end(int signal) {
    say(STDERR_FILENO, signal == SIGALRM ? "fuzz: a case does not end: " : "fuzz: crashed: ");
    say(STDERR_FILENO, current.title);
    const int out = ::open(current.file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    say(out, current.title);
    for (std::size_t i = 0; i < current.size; ++i) {
        const char byte[4] = {"0123456789abcdef"[current.data[i] >> 4], "0123456789abcdef"[current.data[i] & 15],
                              i % 32 == 31 ? '\n' : ' ', '\0'};
        say(out, byte);
    }
    say(out, "\n");
    say(STDERR_FILENO, "fuzz: the input is in ");
    say(STDERR_FILENO, current.file);
    say(STDERR_FILENO, "\n");
    ::_exit(1);
}

void run_case(const Options& options, View input, std::string_view what) {
    // Of exactly this size, so that the sanitizer sees a byte read too many.
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[input.size()]);
    std::ranges::copy(input, exact.get());
    current.data = exact.get();
    current.size = input.size();
    std::snprintf(current.title, sizeof current.title, "# fuzz-%s --seed %llu: %.*s\n", options.name.c_str(),
                  static_cast<unsigned long long>(options.seed), static_cast<int>(what.size()), what.data());
    ::alarm(case_time_s_max);
    LLVMFuzzerTestOneInput(exact.get(), input.size());
    ::alarm(0);
}

[[noreturn]] void stop(const char* why) {
    std::fprintf(stderr, "fuzz: %s\nusage: fuzz-NAME SEEDS… [--cases N | --seconds N] [--seed N] [--crashes FOLDER]\n",
                 why);
    std::exit(2);
}

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) stop("a number is expected");
    return number;
}

Options read_options(std::span<char* const> words) {
    Options options;
    options.name = std::filesystem::path(words[0]).filename().string();
    if (options.name.starts_with("fuzz-")) options.name.erase(0, 5);
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (!word.starts_with("--")) {
            options.places.emplace_back(word);
            continue;
        }
        if (++i == words.size()) stop("a value is missing");
        if (word == "--cases")
            options.cases = number_of<std::uint64_t>(words[i]);
        else if (word == "--seconds")
            options.seconds = number_of<std::int64_t>(words[i]);
        else if (word == "--seed")
            options.seed = number_of<std::uint64_t>(words[i]);
        else if (word == "--crashes")
            options.crashes = words[i];
        else
            stop("an option is not known");
    }
    return options;
}

void watch(const Options& options) {
    const std::string file = std::format("crash-{}-{}.hex", options.name, options.seed);
    std::snprintf(current.file, sizeof current.file, "%s", (options.crashes / file).c_str());
    for (const int signal : {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_end);
}

int run(const Options& options) {
    const std::vector<Seed> seeds = read_seeds(options.places);
    if (seeds.empty()) stop("there are no seeds");
    watch(options);
    const auto begin = std::chrono::steady_clock::now();
    const auto passed = [&] { return std::chrono::steady_clock::now() - begin; };
    std::vector<Bytes> inputs;
    for (const Seed& seed : seeds) {
        run_case(options, seed.bytes, seed.name);
        inputs.push_back(seed.bytes);
    }
    Mutator mutator(inputs, options.seed);
    std::uint64_t n = 0;
    for (; n < options.cases || passed() < std::chrono::seconds(options.seconds); ++n)
        run_case(options, mutator.make(n), std::format("case {}", n));
    const double took_s = std::chrono::duration<double>(passed()).count();
    std::printf("fuzz-%s: %zu seeds and %llu cases in %.1f s, --seed %llu\n", options.name.c_str(), seeds.size(),
                static_cast<unsigned long long>(n), took_s, static_cast<unsigned long long>(options.seed));
    return 0;
}

}  // namespace
}  // namespace pitstop::fuzz

// A sanitizer's finding ends in SIGABRT, so that the input is written down; an allocation that follows a length field
// is one.
extern "C" const char* __asan_default_options() {
    return "abort_on_error=1:max_allocation_size_mb=64:allocator_may_return_null=0";
}
extern "C" const char* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }

int main(int count, char** words) {
    return pitstop::fuzz::run(pitstop::fuzz::read_options({words, static_cast<std::size_t>(count)}));
}
