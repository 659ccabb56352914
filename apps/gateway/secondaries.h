// Brings secondaries the metadata that they judge by themselves (Uptane 2.1.0 #metadata_verification: the Primary
// distributes, the secondary verifies).
//
// Just before an ECU is staged: F012 at it and at the zone before it, one question to the time server with their
// nonces, then the bundles. All anew at every attempt, for a nonce is forgotten when its owner restarts, and a download
// may have taken days. ECUs of one zone that ask at the same time share its cycle and the question, and so does the
// zonal gateway that gets an image itself; zones know nothing of each other. Faults: those of trust.h, of programmer.h,
// of the link.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/trust.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace pitstop::gateway {

class Secondaries {
public:
    Secondaries(io::Loop& loop, Car& car, Trust& trust) : loop_(loop), car_(car), trust_(trust), freed_(loop) {}

    // The bundle with which Plan::stage of this ECU begins; the zone has judged its own. Empty: the ECU judges nothing,
    // or is the zone.
    [[nodiscard]] io::Task<Bytes> prepare(EcuId ecu);

private:
    // One ECU that wants to be prepared, until its bundles are there.
    struct Wish {
        EcuId ecu;
        std::optional<flash::TrustStanding> standing = {};
        std::optional<Result<std::vector<Bytes>>> bundles = {};
    };
    using Wishes = std::vector<std::shared_ptr<Wish>>;  // shared: who wishes, and who serves all of them
    struct Zone {
        Wishes wishes;
        bool served = false;  // by one of those who wish
    };

    [[nodiscard]] io::Task<void> serve(std::optional<EcuId> zone, Wishes wishes);
    [[nodiscard]] io::Task<void> serve_all(std::optional<EcuId> zone, const Wishes& wishes);
    [[nodiscard]] io::Task<void> begin_cycle_of(std::shared_ptr<Wish> wish);
    [[nodiscard]] io::Task<uds::Answer> ask_when_free(Car::Way way, View request);
    // Nothing: it knows no trust cycle.
    [[nodiscard]] io::Task<std::optional<flash::TrustStanding>> begin_cycle(EcuId ecu);
    [[nodiscard]] io::Task<void> convince(EcuId ecu, Bytes bundle);

    io::Loop& loop_;
    Car& car_;
    Trust& trust_;
    std::map<EcuId, Zone> zones_;
    io::Signal freed_;
};

}  // namespace pitstop::gateway
