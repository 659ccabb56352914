// The zone as a tester of an ECU behind it: the same Link as over DoIP, straight onto the Route.
//
// Bring a route that outlives it. One request at a time; it goes before what testers from outside ask. P2 begins when
// the ECU has the whole request. Faults: zone.unreachable, isotp.* when the ECU does not take the request,
// uds.no-answer, uds.pending-too-long.
#pragma once

#include "apps/zone/route.h"
#include "io/ethernet/doip_client.h"

#include <memory>

namespace pitstop::zone {

class RouteLink final : public io::ethernet::Link {
public:
    RouteLink(io::Loop& loop, Route& route);
    ~RouteLink() override;

    io::Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings timings) override;

    // Since when the ECU has been owing an answer; nothing: it owes none.
    [[nodiscard]] std::optional<Tick> asked_at() const;

private:
    struct Asking;
    class Ear;

    io::Loop& loop_;
    Route& route_;
    std::shared_ptr<Ear> ear_;  // the route keeps it while an answer may come
    io::Signal turn_ended_;
};

}  // namespace pitstop::zone
