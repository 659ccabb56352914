// How long a CAN bus is busy with one image and what goes before it: every frame of the TransferData requests and their
// answers, with its own stuff bits, at the bus's rates (ISO 15765-2:2016, ISO 11898-1:2015). What no tester can beat.
#pragma once

#include "core/vehicle/blueprint.h"

#include <chrono>
#include <cstdint>

namespace pitstop::cli {

struct BusTime {
    std::uint64_t frames = 0;
    std::chrono::nanoseconds busy{0};
};

// isotp.*
[[nodiscard]] Result<BusTime> time_of_transfer(View bytes, EcuId ecu, const vehicle::BusPlan& bus);

}  // namespace pitstop::cli
