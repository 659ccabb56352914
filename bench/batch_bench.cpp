// Hybrid Director Targets for many vehicles: one ML-DSA signature for a whole batch beside one for each vehicle. Google
// Benchmark's flags; bench/batch.py reads its JSON.
//
// A vehicle is: its text with one image or three made, hashed, signed with ECDSA P-256, put into the tree, and the
// file's bytes assembled where a server would send them from. Two threads, each with batches of its own; the two
// signatures alone, in one thread, say what the library allows on this machine.
#include "core/crypto/digest.h"
#include "core/crypto/prepared_signer.h"
#include "core/uptane/batch.h"
#include "core/uptane/director_text.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <format>
#include <iostream>
#include <memory>
#include <thread>

namespace {

using namespace pitstop;
using namespace pitstop::uptane;

constexpr std::size_t at_once = 64, batches_per_round = 8, singly_per_round = 512;
const UtcTime expires = *UtcTime::parse("2026-12-20T12:00:00Z");

struct Ground {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ecdsa_p256)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_65)};
    std::vector<NamedTarget> images;
    std::vector<Vin> vins;
};

NamedTarget image(std::uint32_t number) {
    const std::string content = std::format("image {}", number);
    TargetInfo info;
    info.length_bytes = 10'000'000 + number;
    info.sha256 = crypto::sha256(view_of(content));
    info.sha512 = crypto::sha512(view_of(content));
    info.hardware = {*HardwareId::parse("brake-controller-2")};
    info.version = {2, 2, 0, 0};
    info.release_counter = 17;
    info.ecu = *EcuId::from_number(number);
    return {*TargetName::parse(std::format("brake-controller-2/ECU_{:03}-2.2.0.img", number)), info};
}

Ground& ground() {
    static Ground made = [] {
        Ground fresh;
        for (std::uint32_t number = 11; number < 14; ++number) fresh.images.push_back(image(number));
        for (std::uint32_t number = 0; number < 16384; ++number)
            fresh.vins.push_back(*Vin::parse(std::format("WVWZZZ1KZAW{:06}", number)));
        return fresh;
    }();
    return made;
}

// Ends the program with a sentence: a benchmark of what does not work is worth nothing.
template <class T>
T good(Result<T> result) {
    if (!result) {
        std::cerr << result.error().str() << '\n';
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Work for two: each takes the next piece until there is none.
template <class Work>
void by_two(std::size_t pieces, Work work) {
    std::atomic<std::size_t> next = 0;
    const auto all = [&] {
        auto own = work();
        for (std::size_t piece = next++; piece < pieces; piece = next++) own(piece);
    };
    std::thread other(all);
    all();
    other.join();
}

class Worker {
public:
    Worker(const DirectorText& texts, std::size_t size, std::size_t images) : texts_(texts), entries_(size) {
        for (std::uint32_t place = 0; place < images; ++place) assigned_.push_back(place);
    }

    SignedBatch batch(std::uint32_t version) {
        const Ground& with = ground();
        for (std::size_t first = 0; first < entries_.size(); first += at_once) {  // while a text is still in the cache
            const auto range = std::span(entries_).subspan(first, std::min(at_once, entries_.size() - first));
            for (std::size_t i = 0; i < range.size(); ++i)
                good(texts_.write(with.vins[first + i], version, assigned_, range[i].text));
            good(prepare(range, classical_));
        }
        auto batch = good(SignedBatch::sign(entries_, classical_.public_key(), ground().post_quantum));
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            batch.write(entries_[i], i, file_);
            benchmark::DoNotOptimize(file_.data());
        }
        return batch;
    }
    [[nodiscard]] const Bytes& last_file() const { return file_; }

private:
    const DirectorText& texts_;
    std::vector<BatchEntry> entries_;
    std::vector<std::uint32_t> assigned_;
    crypto::PreparedSigner classical_ = good(crypto::PreparedSigner::make(ground().classical.key()));
    Bytes file_;
};

// What a vehicle would say to the last file of a batch.
void check_file(View file) {
    RolePublicKeys keys;
    keys.targets = {ground().classical.public_key(), ground().post_quantum.public_key()};
    keys.root = keys.snapshot = keys.timestamp = keys.targets;
    const Root root = good(make_root(keys, {1, expires}, {.batches = BatchSignatures::allowed}));
    good(check_signatures(good(open_envelope(file, Role::targets)), root, Role::targets));
}

void in_batches(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0)), images = static_cast<std::size_t>(state.range(1));
    const auto texts = good(DirectorText::make(ground().images, expires));
    Worker first(texts, size, images);
    static_cast<void>(first.batch(1));
    check_file(first.last_file());
    for ([[maybe_unused]] auto round : state)
        by_two(batches_per_round, [&] {
            return [worker = std::make_shared<Worker>(texts, size, images)](std::size_t piece) {
                static_cast<void>(worker->batch(static_cast<std::uint32_t>(piece + 2)));
            };
        });
    state.SetItemsProcessed(static_cast<std::int64_t>(batches_per_round * size) * state.iterations());
    state.counters["file_bytes"] = static_cast<double>(first.last_file().size());
}

void one_by_one(benchmark::State& state) {
    Ground& with = ground();
    for ([[maybe_unused]] auto round : state)
        by_two(singly_per_round, [&] {
            return [&with](std::size_t piece) {
                const std::array<crypto::Signer*, 2> signers{&with.classical, &with.post_quantum};
                const auto targets = good(direct(with.vins[piece], with.images, {2, expires}));
                benchmark::DoNotOptimize(good(sign(to_json(targets), signers)).data());
            };
        });
    state.SetItemsProcessed(static_cast<std::int64_t>(singly_per_round) * state.iterations());
}

void ecdsa_alone(benchmark::State& state) {
    auto signer = good(crypto::PreparedSigner::make(ground().classical.key()));
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(good(signer.sign(view_of("digest me"))).data());
    state.SetItemsProcessed(state.iterations());
}

void ml_dsa_alone(benchmark::State& state) {
    for ([[maybe_unused]] auto round : state)
        benchmark::DoNotOptimize(good(ground().post_quantum.sign(view_of("digest me"))).data());
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(in_batches)
    ->Args({4096, 1})
    ->Args({4096, 3})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(one_by_one)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(ecdsa_alone)->Unit(benchmark::kMicrosecond);
BENCHMARK(ml_dsa_alone)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
