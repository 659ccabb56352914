// What one ECU believes by itself, and what it says of itself: its judge (core/flash/metadata_intake.h) and its signed
// version reports (DID F1A3, core/uptane/version_report.h).
//
// Every refused bundle counts as an attack; its fault stands in the reports that follow. A counter is saved before it
// is said. While nothing changes the same report is said again: a tester that asks without end wears out no flash.
#pragma once

#include "apps/ecu/settings.h"
#include "apps/ecu/trust_store.h"
#include "core/crypto/signer.h"
#include "core/flash/slots.h"

#include <memory>
#include <vector>

namespace pitstop::ecu {

class OwnTrust final : public flash::Judge {
public:
    // Bring slots that have booted and outlive this.
    OwnTrust(const Identity& identity, const flash::Slots& slots, std::unique_ptr<TrustStore> store,
             std::vector<crypto::SoftwareSigner> keys)
        : identity_(identity),
          slots_(slots),
          store_(std::move(store)),
          keys_(std::move(keys)) {}

    Result<flash::TrustStanding> begin() override;
    Result<std::optional<flash::ImageRecord>> judge(View bundle) override;

    [[nodiscard]] bool has_keys() const { return !keys_.empty(); }
    // Until the next call. flash.*, files.*, crypto.*
    [[nodiscard]] Result<View> version_report();

private:
    void count_attack(const Error& why);
    [[nodiscard]] uptane::VersionReport current() const;

    const Identity& identity_;
    const flash::Slots& slots_;
    std::unique_ptr<TrustStore> store_;
    std::vector<crypto::SoftwareSigner> keys_;
    uptane::Nonce nonce_{};
    ReportMemory memory_ = store_->memory();
    std::uint32_t attacks_written_ = 0;  // since power-on
    std::optional<uptane::VersionReport> reported_;
    Bytes report_;
};

// ECDSA first, then ML-DSA if there is such a key. keys.*
[[nodiscard]] Result<std::vector<crypto::SoftwareSigner>> load_keys(const KeySettings& settings);

// Nothing: the configuration has no `trust`, or what was trusted is lost (which is logged: such an ECU still boots, and
// accepts no image).
[[nodiscard]] std::unique_ptr<OwnTrust> open_trust(flash::FlashDevice& flash, const Settings& settings,
                                                   const flash::Slots& slots, UtcTime now);

}  // namespace pitstop::ecu
