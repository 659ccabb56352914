// The trust of a small ECU (core/uptane/partial.h), in the trust areas of its flash.
//
// A blob there: what the ECU remembers of its reports (report_memory.h), then PartialState as it is.
// Faults: flash.*, files.*, uptane.broken-state, those of PartialVerifier.
#pragma once

#include "apps/ecu/settings.h"
#include "core/crypto/digest.h"
#include "core/crypto/openssl_verifier.h"
#include "core/flash/layout.h"
#include "core/uptane/partial.h"
#include "io/ecu/trust_store.h"

#include <memory>

namespace pitstop::ecu {

class PartialStore final : public TrustStore {
public:
    static Result<std::unique_ptr<PartialStore>> open(flash::FlashDevice& flash, const flash::Layout& layout,
                                                      const Settings& settings, Age age, UtcTime now);

    void begin(const uptane::Nonce& nonce) override { verifier_->begin(nonce); }
    [[nodiscard]] flash::TrustStanding standing() const override;
    [[nodiscard]] Result<std::optional<flash::ImageRecord>> judge(View bundle, std::uint32_t release_counter) override;
    [[nodiscard]] UtcTime attested() const override { return state_->attested(); }
    [[nodiscard]] const ReportMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<void> remember(const ReportMemory& memory) override;

private:
    PartialStore(flash::FlashDevice& flash, const flash::Layout& layout, const Identity& identity)
        : identity_(identity),
          area_(flash, layout.trust_areas, hasher_) {}

    [[nodiscard]] Result<void> load(const TrustSettings& trust, Age age, UtcTime now);
    [[nodiscard]] Result<void> save();

    const Identity& identity_;
    crypto::Sha256 hasher_;
    crypto::OpenSslVerifier crypto_;
    flash::TrustArea area_;
    ReportMemory memory_;
    std::array<std::uint8_t, ReportMemory::size_bytes + uptane::PartialState::storage_bytes_usual> blob_{};
    uptane::JudgeRoom room_{};
    std::optional<uptane::PartialState> state_;        // in blob_
    std::optional<uptane::PartialVerifier> verifier_;  // of state_
};

}  // namespace pitstop::ecu
