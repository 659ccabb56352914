// The carrier on an open raw CAN socket (socketcan.cpp): what open_socketcan of carrier.h gives, and what a test puts
// on a pair of sockets where the kernel has no CAN.
#pragma once

#include "io/can/carrier.h"

namespace pitstop::io::can {

// Takes the descriptor over.
[[nodiscard]] std::unique_ptr<Carrier> carry_over(Loop& loop, int descriptor);

}  // namespace pitstop::io::can
