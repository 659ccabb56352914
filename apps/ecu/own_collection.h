// What this ECU answers for itself to routines F001 to F004 (docs/formats/vci.md): a collection with one entry.
//
// It is made when it is started, and sent in parts that fit classic CAN.
#pragma once

#include "core/uds/application.h"
#include "core/vehicle/collection.h"

#include <array>
#include <functional>

namespace pitstop::ecu {

class OwnCollection {
public:
    static constexpr std::size_t part_bytes_max = 4000;

    // Where what the ECU says comes from.
    struct Source {
        std::function<uds::Nrc(std::uint16_t did, uds::Reply& out)> read_data;
        std::function<vehicle::EcuReadiness()> readiness;
    };

    OwnCollection(EcuId ecu, Source source) : ecu_(ecu), source_(std::move(source)) {}

    [[nodiscard]] static bool serves(std::uint16_t rid) {
        return rid >= uds::rid::start_vci && rid <= uds::rid::send_readiness;
    }
    [[nodiscard]] uds::Nrc start_routine(std::uint16_t rid, View option, uds::Reply& out);

private:
    [[nodiscard]] Bytes configuration() const;

    EcuId ecu_;
    Source source_;
    std::array<Bytes, 2> collected_;  // configuration, readiness; empty: never begun
};

}  // namespace pitstop::ecu
