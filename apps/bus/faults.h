// The faults of this program.
#pragma once

#include "core/base/result.h"

namespace pitstop::bus::faults {

inline constexpr Fault bad_settings{"bus.bad-settings", Remedy::refuse,
                                    "The settings of the bus are incomplete or contradict each other.",
                                    "The detail says which; see pitstop-bus --help."};
inline constexpr Fault address_taken{"bus.address-taken", Remedy::stop,
                                     "Another program already listens where this bus should.",
                                     "Stop the other bus, or choose another --listen address."};
inline constexpr Fault not_listening{
    "bus.not-listening", Remedy::stop, "The bus cannot listen where it should.",
    "The detail says why: a folder that is missing or not writable, or a file that is no socket."};
inline constexpr Fault too_fast{"bus.too-many-frames", Remedy::distrust,
                                "A node sent more frames than it may have unconfirmed.",
                                "Use programs of the same release on both sides."};
inline constexpr Fault node_too_slow{"bus.node-too-slow", Remedy::retry, "A node does not read the frames of the bus.",
                                     "The node was disconnected; see whether it hangs."};
inline constexpr Fault not_recording{"bus.not-recording", Remedy::stop, "The record of the bus cannot be written.",
                                     "Check the folder and the space of the --pcap file."};

}  // namespace pitstop::bus::faults
