// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::ethernet::faults {

inline constexpr Fault bad_address{"ethernet.bad-address", Remedy::refuse, "An Ethernet address has the wrong form.",
                                   "Write an IP address, as in 127.0.0.91."};
inline constexpr Fault listen_failed{
    "ethernet.listen-failed", Remedy::stop, "A DoIP entity cannot listen at its address and port.",
    "The detail names both and the reason; end the program that uses the port, or choose another."};
inline constexpr Fault connect_failed{
    "ethernet.connect-failed", Remedy::retry, "A DoIP entity could not be reached.",
    "Check that it runs, and its address and port; then try again. A gateway does so by itself."};
inline constexpr Fault no_answer{"ethernet.no-answer", Remedy::retry, "A DoIP entity did not answer over UDP.",
                                 "Check its address, and that it takes part in discovery."};
inline constexpr Fault tls_failed{"ethernet.tls-failed", Remedy::retry,
                                  "A DoIP connection over TLS came to no agreement with the other side.",
                                  "Compare profiles, certificates and clocks of both sides, and the TLS port."};
inline constexpr Fault connection_lost{"ethernet.connection-lost", Remedy::retry,
                                       "A DoIP connection ended in the middle of something.",
                                       "If the other side was restarted, only try again. A gateway does so by itself."};

}  // namespace pitstop::io::ethernet::faults
