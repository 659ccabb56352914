// The faults of this room. In brackets the result names of ISO 15765-2 clause 8.3.7.
#pragma once

#include "core/base/result.h"

namespace pitstop::isotp::faults {

inline constexpr Fault bad_frame{
    "isotp.bad-frame", Remedy::refuse, "A frame is not one that a CAN controller could send.",
    "Check identifier, size and format; FD sizes above 8 are 12, 16, 20, 24, 32, 48 and 64."};
inline constexpr Fault bad_settings{"isotp.bad-settings", Remedy::refuse,
                                    "The settings of a transport link contradict each other or the standard.",
                                    "The detail names the setting; correct the configuration."};
inline constexpr Fault busy{"isotp.busy", Remedy::retry, "A message is still being sent on this link.",
                            "Wait until it is sent: one link sends one message at a time."};
inline constexpr Fault bad_size{"isotp.bad-size", Remedy::refuse,
                                "A message is empty or longer than this link may send.",
                                "Send it in smaller parts, or raise the link's limit on both sides."};
inline constexpr Fault not_transmitted{"isotp.not-transmitted", Remedy::retry,
                                       "The bus did not take a frame in time (N_TIMEOUT_A).",
                                       "Look at the bus: no other node, too much load, or a broken line."};
inline constexpr Fault no_flow_control{"isotp.no-flow-control", Remedy::retry,
                                       "The receiver did not answer with flow control in time (N_TIMEOUT_Bs).",
                                       "Check that the ECU is alive and that both sides use the same identifiers."};
inline constexpr Fault no_consecutive{
    "isotp.no-consecutive", Remedy::retry, "The sender fell silent in the middle of a message (N_TIMEOUT_Cr).",
    "Ask again; if it repeats, look for a sender that restarts or a bus that loses frames."};
inline constexpr Fault wrong_sequence{"isotp.wrong-sequence", Remedy::retry,
                                      "A consecutive frame came out of order or one was lost (N_WRONG_SN).",
                                      "Ask again; if it repeats, two senders may share one identifier."};
inline constexpr Fault bad_flow_status{"isotp.bad-flow-status", Remedy::retry,
                                       "A flow control frame carries a reserved status (N_INVALID_FS).",
                                       "Ask again; if it repeats, the receiver does not follow the standard."};
inline constexpr Fault too_many_waits{"isotp.too-many-waits", Remedy::retry,
                                      "A receiver asked for more time too often (N_WFT_OVRN).",
                                      "The receiver is overloaded; try later."};
inline constexpr Fault receiver_full{"isotp.receiver-full", Remedy::refuse,
                                     "The other side has no room for a message of this length (N_BUFFER_OVFLW).",
                                     "Send smaller blocks; the ECU tells its limit in the answer to RequestDownload."};
inline constexpr Fault too_long{"isotp.too-long", Remedy::refuse,
                                "A sender announced a message longer than this side has room for.",
                                "Send smaller messages or raise this side's limit."};
inline constexpr Fault interrupted{"isotp.interrupted", Remedy::retry,
                                   "A new message began before the previous one was complete (N_UNEXP_PDU).",
                                   "The earlier message is lost; the sender must repeat it."};
inline constexpr Fault not_released{"isotp.not-released", Remedy::retry,
                                    "A single frame came while the previous message was still being read.",
                                    "The sender must repeat it; release received messages sooner."};
inline constexpr Fault bus_lost{"isotp.bus-lost", Remedy::retry,
                                "The connection to the bus was lost in the middle of a message.",
                                "Send the message again once the bus is back."};
inline constexpr Fault abandoned{
    "isotp.abandoned", Remedy::retry, "The sender itself gave the message up before it was sent.",
    "Nothing to do unless it repeats: the caller's deadline is shorter than the message takes."};

}  // namespace pitstop::isotp::faults
