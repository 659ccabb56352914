// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::http::faults {

// What a server says about a request.
inline constexpr Fault bad_request{"http.bad-request", Remedy::refuse, "A request is not valid HTTP/1.1.",
                                   "The detail says what is wrong; correct the client."};
inline constexpr Fault header_too_large{"http.header-too-large", Remedy::refuse,
                                        "The header of a request is larger than the server allows.",
                                        "Send fewer or shorter header fields."};
inline constexpr Fault target_too_long{"http.target-too-long", Remedy::refuse,
                                       "The address in a request is longer than the server allows.",
                                       "Shorten the path or the query."};
inline constexpr Fault body_too_large{"http.body-too-large", Remedy::refuse,
                                      "The body of a request is larger than this route allows.",
                                      "Send less, or use the route that is meant for large bodies."};
inline constexpr Fault too_slow{"http.too-slow", Remedy::retry, "The other side sent too slowly, or stopped sending.",
                                "See whether the network or the other side is overloaded."};
inline constexpr Fault no_such_resource{"http.no-such-resource", Remedy::refuse, "Nothing stands at this address.",
                                        "Compare the path with docs/openapi.yaml."};
inline constexpr Fault method_not_allowed{"http.method-not-allowed", Remedy::refuse,
                                          "This resource does not offer the method.",
                                          "Use one of the methods in the Allow header."};
inline constexpr Fault range_not_satisfiable{"http.range-not-satisfiable", Remedy::refuse,
                                             "The bytes asked for lie behind the end.",
                                             "Content-Range carries the size; ask for bytes below it."};
inline constexpr Fault too_many_connections{
    "http.too-many-connections", Remedy::retry, "The server has as many connections as it allows.",
    "Try again after the time in Retry-After; raise connections_max if this is the usual load."};
inline constexpr Fault handler_failed{"http.handler-failed", Remedy::stop,
                                      "The server failed in a way that was not foreseen.",
                                      "Report it with the server's log: this is a defect of Pitstop."};

// What stops a server from starting.
inline constexpr Fault port_taken{"http.port-taken", Remedy::stop,
                                  "Another program already listens on this address and port.",
                                  "Stop it, or choose another port."};
inline constexpr Fault cannot_listen{"http.cannot-listen", Remedy::stop,
                                     "The server cannot listen on the address it was given.",
                                     "The detail carries the system's reason; correct address and port."};
inline constexpr Fault plain_needs_loopback{"http.plain-needs-loopback", Remedy::stop,
                                            "A listener without TLS was asked for on an address that others can reach.",
                                            "Give it TLS, or a loopback address such as 127.0.0.1."};
inline constexpr Fault bad_route{"http.bad-route", Remedy::stop,
                                 "Two routes are the same, or a route's pattern is malformed.",
                                 "The detail names the pattern; this is a defect of the program."};

// What a client finds.
inline constexpr Fault bad_url{"http.bad-url", Remedy::refuse,
                               "The address of a server is not of the form https://host:port.",
                               "Correct the address in the configuration."};
inline constexpr Fault connect_failed{"http.connect-failed", Remedy::retry, "The server could not be reached.",
                                      "See whether it runs, and whether address and port are right."};
inline constexpr Fault handshake_failed{"http.handshake-failed", Remedy::retry,
                                        "No TLS session could be agreed with the other side.",
                                        "Compare profiles, certificates and clocks of both sides."};
inline constexpr Fault connection_lost{"http.connection-lost", Remedy::retry,
                                       "The connection broke before the answer was complete.",
                                       "Nothing: it is tried again."};
inline constexpr Fault short_body{"http.short-body", Remedy::retry, "A body ended before its announced length.",
                                  "Nothing: it is continued where it broke."};
inline constexpr Fault bad_answer{"http.bad-answer", Remedy::distrust,
                                  "The server's answer is not valid HTTP/1.1, or not what was asked for.",
                                  "See whether the address leads to a Pitstop server."};
inline constexpr Fault answer_too_large{"http.answer-too-large", Remedy::distrust,
                                        "The server's answer is larger than this question allows.",
                                        "See whether the address leads to a Pitstop server."};
inline constexpr Fault status_refused{"http.status-refused", Remedy::refuse, "The server refused the request.",
                                      "The detail carries the status and the server's own fault code."};
inline constexpr Fault server_busy{"http.server-busy", Remedy::retry, "The server cannot answer at the moment.",
                                   "Nothing: it is tried again later."};
inline constexpr Fault file_unreadable{"http.file-unreadable", Remedy::stop,
                                       "A file that is to be sent cannot be read.",
                                       "The detail names the file and the system's reason."};

}  // namespace pitstop::io::http::faults
