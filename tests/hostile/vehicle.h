// The system under test: core/uptane's own client workflow (cycle.h, match.h) for both repositories, then the download
// of what it says. Its trust lives in memory and, through save() and load(), in a flash that may lose its power at
// every Save.
#pragma once

#include "core/uptane/cycle.h"
#include "core/uptane/match.h"
#include "tests/hostile/draft.h"
#include "tests/hostile/served.h"

#include <optional>

namespace pitstop::hostile {

class Vehicle {
public:
    Vehicle(const std::array<std::string, 2>& factory_roots, const std::string& vin);

    // `chance` cuts the power now and then; the update is then begun again.
    [[nodiscard]] Verdict update(const Served& served, const Car& car, Rng& chance);
    [[nodiscard]] Known known(Side side) const;

private:
    struct PowerCut {};

    Result<std::vector<uptane::TrustedTarget>> attempt(const Served& served, const Car& car);
    Result<void> drive(uptane::Cycle& cycle, Side side, const Shelf& shelf);
    void save(Side side);
    Result<void> restart();

    uptane::Rules rules_;
    std::vector<uptane::TrustSet> trust_;  // by Side
    std::array<Bytes, 2> flash_;
    std::optional<std::size_t> saves_before_cut_;
    bool cut_before_saving_ = false;
};

}  // namespace pitstop::hostile
