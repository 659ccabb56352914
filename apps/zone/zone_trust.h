// What the zone itself believes: it verifies the gateway's bundles in full, and so knows which ECUs behind it shall get
// an image (Uptane 2.1.0 #full_verification). Erasing any other is refused, whoever asks.
//
// An ECU still judges by itself; the zone only keeps a compromised gateway away from it. After a restart nothing may be
// erased until metadata was judged again. Faults: files.*, those of core/uptane/full.h.
#pragma once

#include "apps/zone/settings.h"
#include "core/flash/metadata_intake.h"
#include "core/flash/zone_work.h"
#include "core/uptane/full.h"

#include <memory>
#include <span>
#include <vector>

namespace pitstop::zone {

class ZoneTrust final : public flash::Judge {
public:
    // Bring settings with `trust`.
    static Result<std::unique_ptr<ZoneTrust>> open(const Settings& settings, UtcTime now);

    Result<flash::TrustStanding> begin() override;
    Result<std::optional<flash::ImageRecord>> judge(View bundle) override;  // nothing: the zone gets no image yet

    [[nodiscard]] bool may_program(EcuId ecu) const;
    [[nodiscard]] bool directs(const flash::ZoneOrder& order) const;
    [[nodiscard]] std::span<const uptane::TrustedTarget> directed() const { return directed_; }

private:
    ZoneTrust(std::filesystem::path file, uptane::FullVerifier verifier, std::vector<uptane::VehicleEcu> ecus)
        : file_(std::move(file)),
          verifier_(std::move(verifier)),
          ecus_(std::move(ecus)) {}

    std::filesystem::path file_;
    uptane::FullVerifier verifier_;
    std::vector<uptane::VehicleEcu> ecus_;  // behind the zone
    std::vector<uptane::TrustedTarget> directed_;
};

// Whether a tester wants to write over an ECU's image: erase, or a download to anywhere but where metadata goes.
[[nodiscard]] bool overwrites_an_image(View request);

}  // namespace pitstop::zone
