// The vehicle's conditions, as other control units would tell them: here a small YAML file that may change while we
// run.
//
//     parked: yes            # default yes
//     ignition: off          # on or off, default off
//     doors: closed          # open or closed, default closed
//     network: connected     # connected or absent, default connected
//     battery_percent: 80    # default 100
//     temperature_c: 20      # default 20
//     open_dtcs: 0           # default 0
//
// A file that is named but cannot be read means: not ready. Free storage is asked of the file system.
#pragma once

#include "apps/gateway/settings.h"

#include <span>
#include <string>

namespace pitstop::gateway {

class Conditions {
public:
    explicit Conditions(ConditionsSettings settings) : settings_(std::move(settings)) {}

    // Never fails: what cannot be known speaks against updating. The ECUs' own reasons come on top.
    [[nodiscard]] vehicle::Readiness judge(std::uint64_t storage_needed_bytes,
                                           std::span<const std::string> of_ecus) const;

    [[nodiscard]] Result<vehicle::Conditions> now() const;  // gateway.conditions-unknown

private:
    ConditionsSettings settings_;
};

}  // namespace pitstop::gateway
