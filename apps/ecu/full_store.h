// The trust of an ECU that verifies in full (core/uptane/full.h), in a file, and what it remembers of its reports, in
// another one beside it. Faults: files.*, uptane.broken-state, those of FullVerifier.
#pragma once

#include "apps/ecu/settings.h"
#include "apps/ecu/trust_store.h"
#include "core/uptane/full.h"

#include <memory>

namespace pitstop::ecu {

class FullStore final : public TrustStore {
public:
    static Result<std::unique_ptr<FullStore>> open(const Settings& settings, Age age, UtcTime now);

    void begin(const uptane::Nonce& nonce) override { verifier_.begin(nonce); }
    [[nodiscard]] flash::TrustStanding standing() const override;
    [[nodiscard]] Result<std::optional<flash::ImageRecord>> judge(View bundle, std::uint32_t release_counter) override;
    [[nodiscard]] UtcTime attested() const override { return verifier_.attested(); }
    [[nodiscard]] const ReportMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<void> remember(const ReportMemory& memory) override;

private:
    FullStore(const Identity& identity, std::filesystem::path file, uptane::FullVerifier verifier, ReportMemory memory)
        : identity_(identity),
          file_(std::move(file)),
          verifier_(std::move(verifier)),
          memory_(memory) {}

    const Identity& identity_;
    std::filesystem::path file_;
    uptane::FullVerifier verifier_;
    ReportMemory memory_;
};

}  // namespace pitstop::ecu
