// What judging a vehicle's manifest costs beside its signature checks alone: one line of JSON for bench/run.
//
//     bench-manifest
//
// Eight vehicles of eleven senders: a gateway with ECDSA P-256 and ML-DSA-65, five ECUs with ECDSA P-256 and ML-DSA-44,
// five with ECDSA P-256 alone. Ours is judge_manifest on the bytes as they arrive; the peer is EVP_DigestVerify with
// prepared messages and keys, sixteen of them for each manifest. Both on one and on two threads, in turn; medians of
// rounds. And the time server: 128 nonces under one pair of signatures, beside one pair for each nonce.
#include "core/uptane/attested_time.h"
#include "core/uptane/manifest_judge.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <format>
#include <iostream>
#include <thread>

namespace {

using namespace pitstop;
using Clock = std::chrono::steady_clock;
using crypto::KeyType;

constexpr int rounds = 5;
constexpr std::chrono::milliseconds round_time{600};
constexpr std::uint32_t ecus = 10, hybrid_ecus = 5;
const UtcTime now{1'800'000'000};

struct Check {
    crypto::PublicKey key;
    Bytes message, signature;
};
struct Vehicle {
    uptane::KnownVehicle known;
    Bytes manifest;
    std::vector<Check> checks;  // all that the manifest needs
};

using Signers = std::vector<crypto::SoftwareSigner>;

Result<Signers> make_signers(std::initializer_list<KeyType> types) {
    Signers signers;
    for (const KeyType type : types) {
        TRY(auto key, crypto::generate(type));
        signers.emplace_back(std::move(key));
    }
    return signers;
}
std::vector<crypto::Signer*> pointers(Signers& signers) {
    std::vector<crypto::Signer*> all;
    for (auto& signer : signers) all.push_back(&signer);
    return all;
}
std::vector<crypto::PublicKey> public_keys(Signers& signers) {
    std::vector<crypto::PublicKey> all;
    for (auto& signer : signers) all.push_back(signer.public_key());
    return all;
}

Result<void> note_checks(View file, Signers& signers, std::vector<Check>& checks) {
    TRY(const auto envelope, uptane::open_envelope(file, "a signed file", uptane::manifest_bytes_max));
    for (std::size_t i = 0; i < signers.size(); ++i) {
        const auto& key = signers[i].public_key();
        checks.push_back(
            {key, uptane::signed_message(key.type(), envelope.canonical), envelope.signatures.at(i).value});
    }
    return {};
}

Result<Vehicle> make_vehicle(std::uint32_t number) {
    TRY(const Vin vin, Vin::parse(std::format("BENCHCAR{:02}", number)));
    TRY(const HardwareId hardware, HardwareId::parse("brake-controller-2"));
    Vehicle vehicle{{vin, {}, {}, {}}, {}, {}};
    uptane::Manifest manifest{.vin = vin, .counter = 7, .time = now, .reports = {}, .missing = {}};
    for (std::uint32_t at = 0; at < ecus; ++at) {
        TRY(const EcuId ecu, EcuId::from_number(11 + at));
        TRY(auto signers, at < hybrid_ecus ? make_signers({KeyType::ecdsa_p256, KeyType::ml_dsa_44})
                                           : make_signers({KeyType::ecdsa_p256}));
        uptane::VersionReport report{.vin = vin, .ecu = ecu, .hardware = hardware};
        report.counter = 7;
        report.time = now;
        TRY(const Bytes file, uptane::sign_version_report(report, pointers(signers)));
        ENSURE(manifest.add_report(ecu, file));
        ENSURE(note_checks(file, signers, vehicle.checks));
        vehicle.known.keys.ecus[ecu] = public_keys(signers);
        vehicle.known.hardware.emplace(ecu, hardware);
    }
    TRY(auto gateway, make_signers({KeyType::ecdsa_p256, KeyType::ml_dsa_65}));
    TRY(vehicle.manifest, uptane::sign(to_json(manifest), pointers(gateway)));
    ENSURE(note_checks(vehicle.manifest, gateway, vehicle.checks));
    vehicle.known.keys.primary = public_keys(gateway);
    return vehicle;
}

bool judges(const Vehicle& vehicle) {
    const auto judged = uptane::judge_manifest({vehicle.manifest}, vehicle.known, now);
    return judged &&
           std::ranges::all_of(judged->ecus, [](const auto& ecu) { return ecu.verdict == uptane::Verdict::accepted; });
}
bool checks_alone(const Vehicle& vehicle) {
    return std::ranges::all_of(vehicle.checks, [](const Check& check) {
        return crypto::verify(check.key, check.message, check.signature).has_value();
    });
}

// How often a second all threads together get through one vehicle.
double per_second(const std::vector<Vehicle>& fleet, unsigned threads, bool (*work)(const Vehicle&)) {
    std::atomic<std::uint64_t> done = 0;
    std::atomic<bool> good = true;
    const auto start = Clock::now();
    {
        std::vector<std::jthread> workers;
        for (unsigned number = 0; number < threads; ++number)
            workers.emplace_back([&, number] {
                for (std::size_t at = number; Clock::now() - start < round_time; ++at) {
                    if (!work(fleet[at % fleet.size()])) good = false;
                    ++done;
                }
            });
    }
    const double took_s = std::chrono::duration<double>(Clock::now() - start).count();
    return good ? static_cast<double>(done) / took_s : 0;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

struct Pair {
    double ours = 0, peer = 0;
};
Pair verification(const std::vector<Vehicle>& fleet, unsigned threads) {
    std::vector<double> ours, peer;
    for (int round = 0; round < rounds; ++round) {
        ours.push_back(per_second(fleet, threads, judges));
        peer.push_back(per_second(fleet, threads, checks_alone));
    }
    return {median(ours), median(peer)};
}

// Nonces a second on one thread.
Result<Pair> attestation() {
    TRY(auto signers, make_signers({KeyType::ecdsa_p256, KeyType::ml_dsa_65}));
    const auto both = pointers(signers);
    const auto nonces_per_second = [&](std::size_t nonces) -> Result<double> {
        uptane::TimeAttestation asked{now, {}};
        for (std::size_t i = 0; i < nonces; ++i) asked.nonces.push_back({static_cast<std::uint8_t>(i)});
        const auto start = Clock::now();
        std::uint64_t done = 0;
        while (Clock::now() - start < round_time) {
            ENSURE(uptane::sign(to_json(asked), both).transform([](const auto&) {}));
            done += nonces;
        }
        return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
    };
    TRY(const double ours, nonces_per_second(uptane::attestation_nonces_max));
    TRY(const double peer, nonces_per_second(1));
    return Pair{ours, peer};
}

Result<void> run() {
    std::vector<Vehicle> fleet;
    for (std::uint32_t number = 0; number < 8; ++number) {
        TRY(auto vehicle, make_vehicle(number));
        fleet.push_back(std::move(vehicle));
    }
    const Pair one = verification(fleet, 1), two = verification(fleet, 2);
    TRY(const Pair time, attestation());
    std::cout << std::format(R"({{"bytes": {}, "checks": {}, "one_thread": {:.1f}, "one_thread_peer": {:.1f}, )"
                             R"("two_threads": {:.1f}, "two_threads_peer": {:.1f}, "nonces": {:.0f}, )"
                             R"("nonces_peer": {:.0f}}})"
                             "\n",
                             fleet.front().manifest.size(), fleet.front().checks.size(), one.ours, one.peer, two.ours,
                             two.peer, time.ours, time.peer);
    return {};
}

}  // namespace

int main() {
    if (const auto done = run(); !done) {
        std::cerr << done.error().str() << '\n';
        return 1;
    }
    return 0;
}
