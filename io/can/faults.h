// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::can::faults {

inline constexpr Fault bad_address{
    "can.bad-address", Remedy::refuse, "The address of a CAN bus has the wrong form.",
    "Write unix:PATH, tcp:HOST:PORT or socketcan:INTERFACE, as in unix:/run/pitstop/can0.sock."};
inline constexpr Fault connect_failed{"can.connect-failed", Remedy::retry, "The CAN bus could not be reached.",
                                      "Start pitstop-bus first, and give both the same address."};
inline constexpr Fault not_connected{"can.not-connected", Remedy::retry,
                                     "The connection to the CAN bus is down at the moment.",
                                     "It is tried again by itself; see whether pitstop-bus runs."};
inline constexpr Fault no_socketcan{
    "can.no-socketcan", Remedy::refuse, "This machine's kernel has no CAN sockets.",
    "Load the kernel's modules can and can_raw, or use pitstop-bus with a unix: or tcp: address."};
inline constexpr Fault bad_stream{"can.bad-stream", Remedy::distrust,
                                  "The other side of a CAN bus connection does not keep to the format.",
                                  "Use programs of the same release on both sides; the detail says what was wrong."};
inline constexpr Fault wrong_version{"can.wrong-version", Remedy::refuse,
                                     "The other side speaks another version of the CAN bus format.",
                                     "Use programs of the same release on both sides."};
inline constexpr Fault id_taken{"can.id-taken", Remedy::refuse,
                                "Two links of one program listen to the same CAN identifier.",
                                "Give every ECU its own response identifier in the configuration."};

}  // namespace pitstop::io::can::faults
