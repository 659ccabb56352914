// Brings secondaries the metadata that they judge by themselves (Uptane 2.1.0 #metadata_verification: the Primary
// distributes, the secondary verifies).
//
// Just before an ECU is staged: F012 at it and at the zone before it, one question to the time server with their
// nonces, then the bundles. All anew at every attempt, for a nonce is forgotten when its owner restarts, and a download
// may have taken days. Faults: those of trust.h, of programmer.h, of the link.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/trust.h"

#include <optional>

namespace pitstop::gateway {

class Secondaries {
public:
    Secondaries(io::Loop& loop, Car& car, Trust& trust) : loop_(loop), car_(car), trust_(trust), freed_(loop) {}

    // The bundle with which Plan::stage of this ECU begins; the zone has judged its own. Empty: the ECU judges nothing.
    // One ECU after the other: those behind one zone share its nonce.
    [[nodiscard]] io::Task<Bytes> prepare(EcuId ecu);

private:
    [[nodiscard]] io::Task<Bytes> prepare_alone(EcuId ecu);
    [[nodiscard]] io::Task<uds::Answer> ask_when_free(Car::Way way, View request);
    // Nothing: it knows no trust cycle.
    [[nodiscard]] io::Task<std::optional<flash::TrustStanding>> begin_cycle(EcuId ecu);
    [[nodiscard]] io::Task<void> convince(EcuId ecu, Bytes bundle);

    io::Loop& loop_;
    Car& car_;
    Trust& trust_;
    bool preparing_ = false;
    io::Signal freed_;
};

}  // namespace pitstop::gateway
