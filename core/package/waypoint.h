// Where a payload can go on after its opener was lost: noted in flash while it arrives. ECU profile.
#pragma once

#include <cstdint>

namespace pitstop::package {

struct Waypoint {
    std::uint32_t again_bytes = 0;     // of the payload's beginning, which have to come once more
    std::uint32_t payload_offset = 0;  // where it goes on behind them; never below again_bytes
    std::uint32_t image_offset = 0;    // of the first byte of the image that comes out then
    std::uint32_t inner_offset = 0;    // the same place in what a sealed payload holds; a delta's own offset
    friend bool operator==(const Waypoint&, const Waypoint&) = default;
};

}  // namespace pitstop::package
