// What a package costs beside the plain SHA-256 of the same bytes: one line of JSON for bench/run.
//
//     bench-package IMAGE
//
// Build: the desk's reading of the image (both digests) and full_package.bin in memory. Verify: every record, CRC and
// digest of it, in pieces as a download brings them. Both sides alternate, in one thread; medians of nine rounds.
#include "core/crypto/digest.h"
#include "core/image/image.h"
#include "core/package/faults.h"
#include "core/package/full_package.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>

namespace {

using namespace pitstop;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 9;
constexpr std::size_t piece_bytes = 256 * 1024;  // as the gateway reads from the network
constexpr std::size_t head_bytes = 64;

class InMemory final : public package::Output {
public:
    explicit InMemory(std::size_t expected_bytes) { bytes.reserve(expected_bytes); }
    Result<void> write(View piece) override {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
    Bytes bytes;
};

class Nowhere final : public package::RecordSink {
public:
    Result<void> on_header(const package::Header&) override { return {}; }
    Result<void> on_payload(View) override { return {}; }
    Result<void> on_end() override { return {}; }
};

struct Round {
    double build_ms = 0, verify_ms = 0, sha256_ms = 0;
};

double since_ms(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Result<void> verify(const package::CampaignMetadata& metadata, View bytes) {
    Nowhere nowhere;
    package::FullPackageCheck check(metadata, nowhere);
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
        ENSURE(check.push(bytes.subspan(at, std::min(piece_bytes, bytes.size() - at))));
    return check.finish();
}

Result<Round> measure(const Bytes& bytes) {
    TRY(const auto campaign, CampaignId::parse("bench"));
    TRY(const auto ecu, EcuId::from_number(11));
    TRY(const auto hardware, HardwareId::parse("brake-controller-2"));
    const Version version{.major = 1, .minor = 1};
    TRY(const auto target, package::target_name(hardware, ecu, version));
    Bytes handed_in = bytes;  // the desk reads the file into memory before
    Round round;
    InMemory output(bytes.size() + head_bytes);

    auto start = Clock::now();
    TRY(auto image, image::read("bench.bin", std::move(handed_in)));
    const std::array images{package::PackagedImage{ecu, hardware, version, 1, target,
                                                   package::SoftwareType::application, std::move(image)}};
    TRY(const auto metadata, package::write_full_package(campaign, UtcTime{1'800'000'000}, images, output));
    round.build_ms = since_ms(start);

    start = Clock::now();
    ENSURE(verify(metadata, output.bytes));
    round.verify_ms = since_ms(start);

    start = Clock::now();
    const auto digest = crypto::sha256(bytes);
    round.sha256_ms = since_ms(start);
    if (digest != metadata.records.front().sha256)
        return fail(package::faults::differs_from_metadata, "the package names another digest than the image has");
    return round;
}

double median(const std::vector<Round>& all, double Round::* part) {
    std::vector<double> values;
    for (const Round& round : all) values.push_back(round.*part);
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

Result<void> run(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<Round> all;
    for (int i = 0; i < rounds + 1; ++i) {
        TRY(const auto round, measure(bytes));
        if (i > 0) all.push_back(round);  // the first one warms up
    }
    std::cout << std::format(R"({{"size_bytes": {}, "build_ms": {:.3f}, "verify_ms": {:.3f}, "sha256_ms": {:.3f}}})"
                             "\n",
                             bytes.size(), median(all, &Round::build_ms), median(all, &Round::verify_ms),
                             median(all, &Round::sha256_ms));
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "bench-package IMAGE\n";
        return 2;
    }
    if (const auto done = run(argv[1]); !done) {
        std::cerr << done.error().str() << '\n';
        return 1;
    }
    return 0;
}
