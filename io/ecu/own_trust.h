// What one ECU believes by itself, and what it says of itself: its judge (core/flash/metadata_intake.h) and its signed
// version reports (DID F1A3, core/uptane/version_report.h).
//
// Every refused bundle counts as an attack; its fault stands in the reports that follow. A counter is saved before it
// is said. While nothing changes the same report is said again: a tester that asks without end wears out no flash.
#pragma once

#include "core/crypto/signer.h"
#include "core/flash/slots.h"
#include "io/ecu/image_settings.h"
#include "io/ecu/trust_store.h"

#include <memory>
#include <optional>
#include <vector>

namespace pitstop::ecu {

class OwnTrust final : public flash::Judge {
public:
    // What its reports are about: slots that have booted. Both outlive this.
    struct Reported {
        const Identity& identity;
        const flash::Slots& slots;
    };
    // `about` nothing: it runs no image, and judges for others alone.
    OwnTrust(std::optional<Reported> about, std::unique_ptr<TrustStore> store, std::vector<crypto::SoftwareSigner> keys)
        : about_(about),
          store_(std::move(store)),
          keys_(std::move(keys)) {}

    Result<flash::TrustStanding> begin() override;
    Result<std::optional<flash::ImageRecord>> judge(View bundle) override;

    [[nodiscard]] bool has_keys() const { return about_ && !keys_.empty(); }
    // Where it has keys. Until the next call. flash.*, files.*, crypto.*
    [[nodiscard]] Result<View> version_report();

private:
    void count_attack(const Error& why);
    [[nodiscard]] uptane::VersionReport current() const;

    std::optional<Reported> about_;
    std::unique_ptr<TrustStore> store_;
    std::vector<crypto::SoftwareSigner> keys_;
    uptane::Nonce nonce_{};
    ReportMemory memory_ = store_->memory();
    std::uint32_t attacks_written_ = 0;  // since power-on
    std::optional<uptane::VersionReport> reported_;
    Bytes report_;
};

// ECDSA first, then ML-DSA if there is such a key. None where there are no settings, or where one cannot be read, which
// is logged: such an ECU signs no reports.
[[nodiscard]] std::vector<crypto::SoftwareSigner> load_keys(const std::optional<KeySettings>& settings);

}  // namespace pitstop::ecu
