// One zone: routes each UDS request by its target address, to itself or to an ECU behind one of its buses.
#pragma once

#include "apps/zone/route.h"
#include "apps/zone/settings.h"
#include "apps/zone/zone_ecu.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace pitstop::zone {

class Zone final : public io::ethernet::DiagnosticTarget {
public:
    // `trust` outlives it; null: only the ECUs judge.
    Zone(io::Loop& loop, const Settings& settings, ZoneTrust* trust = nullptr);

    // Connects to a bus, however long it takes, and opens the way to the ECUs on it. The zone answers for itself
    // meanwhile, and says of those ECUs that they are unreachable. can.bad-stream, can.wrong-version,
    // isotp.bad-settings
    io::Task<void> join(BusSettings bus);

    doip::Delivery look_up(std::uint16_t target, std::size_t uds_size_bytes) override;
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override;

private:
    io::Loop& loop_;
    std::uint16_t address_;
    ZoneTrust* trust_;
    ZoneEcu self_;
    std::vector<std::unique_ptr<io::can::BusClient>> buses_;  // before the routes: their links end first
    std::map<std::uint16_t, Route> routes_;                   // by the ECU's address
};

}  // namespace pitstop::zone
