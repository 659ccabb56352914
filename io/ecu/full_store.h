// The trust of an ECU that verifies in full (core/uptane/full.h), in a file, and what it remembers of its reports, in
// another one beside it. A zonal gateway judges for the ECUs behind it as well.
//
// Faults: files.*, uptane.broken-state, those of FullVerifier.
#pragma once

#include "core/uptane/full.h"
#include "io/ecu/trust_store.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pitstop::ecu {

// The Uptane roots that the factory put in, and the file in which what follows from them is kept.
struct FullTrustSettings {
    std::filesystem::path director_root;
    std::filesystem::path image_root;
    std::filesystem::path state;
};

class FullStore final : public TrustStore {
public:
    struct JudgedFor {
        std::optional<uptane::VehicleEcu> self;  // nothing: it takes no image itself
        std::vector<uptane::VehicleEcu> others = {};
    };
    static Result<std::unique_ptr<FullStore>> open(const FullTrustSettings& trust, const Vin& vin, JudgedFor ecus,
                                                   Age age, UtcTime now);

    void begin(const uptane::Nonce& nonce) override { verifier_.begin(nonce); }
    [[nodiscard]] flash::TrustStanding standing() const override;
    [[nodiscard]] Result<std::optional<flash::ImageRecord>> judge(View bundle, std::uint32_t release_counter) override;
    [[nodiscard]] UtcTime attested() const override { return verifier_.attested(); }
    [[nodiscard]] const ReportMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<void> remember(const ReportMemory& memory) override;

    // What the last bundle that was believed directs, for all that it was judged for. Nothing since the start: none.
    [[nodiscard]] std::span<const uptane::TrustedTarget> directed() const { return directed_; }

private:
    FullStore(JudgedFor ecus, std::filesystem::path file, uptane::FullVerifier verifier, ReportMemory memory)
        : ecus_(std::move(ecus)),
          file_(std::move(file)),
          verifier_(std::move(verifier)),
          memory_(memory) {}

    JudgedFor ecus_;
    std::filesystem::path file_;
    uptane::FullVerifier verifier_;
    ReportMemory memory_;
    std::vector<uptane::TrustedTarget> directed_;
};

}  // namespace pitstop::ecu
