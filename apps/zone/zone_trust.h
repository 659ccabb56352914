// What the zone itself believes: it verifies the gateway's bundles in full, and so knows which image it shall get
// itself and which ECUs behind it shall get one (Uptane 2.1.0 #full_verification). Erasing any other is refused,
// whoever asks.
//
// An ECU still judges by itself; the zone only keeps a compromised gateway away from it. After a restart nothing may be
// erased until metadata was judged again. A zone that has lost what it trusted (uptane.broken-state, which is logged)
// still runs, for the ECUs behind it have to be reached, and lets nobody program them or itself. Other faults: files.*,
// those of core/uptane/full.h.
#pragma once

#include "apps/zone/settings.h"
#include "core/flash/zone_work.h"
#include "io/ecu/own_trust.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pitstop::zone {

class ZoneTrust final : public flash::Judge {
public:
    // Bring settings with `trust`: what it needs of them is copied. Nothing is believed before power_on().
    explicit ZoneTrust(const Settings& settings);
    // For a zone without an image of its own.
    static Result<std::unique_ptr<ZoneTrust>> open(const Settings& settings, UtcTime now);

    // From its file, as at each start. `own`: the banks of the zone's own image, booted, which outlive this or the next
    // power-on; null: it has none.
    [[nodiscard]] Result<void> power_on(const flash::Slots* own, UtcTime now);

    // What follows needs it.
    [[nodiscard]] bool is_there() const { return own_.has_value(); }
    Result<flash::TrustStanding> begin() override { return own_->begin(); }
    Result<std::optional<flash::ImageRecord>> judge(View bundle) override;  // the image for the zone itself
    [[nodiscard]] ecu::OwnTrust& reports() { return *own_; }

    // Nobody, where trust is lost.
    [[nodiscard]] bool may_program(EcuId ecu) const;
    [[nodiscard]] bool directs(const flash::ZoneOrder& order) const;
    [[nodiscard]] std::span<const uptane::TrustedTarget> directed() const;

private:
    Vin vin_;
    TrustSettings files_;
    std::optional<ecu::ImageSettings> image_;
    std::vector<uptane::VehicleEcu> behind_;
    ecu::FullStore* store_ = nullptr;  // own_'s
    std::optional<ecu::OwnTrust> own_;
};

// Whether a tester wants to write over an ECU's image: erase, or a download to anywhere but where metadata goes.
[[nodiscard]] bool overwrites_an_image(View request);

}  // namespace pitstop::zone
