// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::keys::faults {

inline constexpr Fault exposed{"keys.exposed", Remedy::stop, "Others than its owner may read a private key.",
                               "Replace the key if anyone could have copied it; then set the file's mode to 0600."};
inline constexpr Fault unreadable{"keys.unreadable", Remedy::stop, "A private key file cannot be read.",
                                  "The detail gives the system's reason; check path, owner and permissions."};
inline constexpr Fault bad_certificate{"keys.bad-certificate", Remedy::refuse,
                                       "A certificate is malformed, too large, or has a key of an unknown kind.",
                                       "Use a PEM certificate as `pitstop pki` writes it."};
inline constexpr Fault bad_host{
    "keys.bad-host", Remedy::refuse,
    "A server certificate was asked for a name that is neither a DNS name nor an IP address.",
    "Use names such as ota.example.com or addresses such as 127.0.0.1; no wildcards, no ports."};
inline constexpr Fault not_an_authority{"keys.not-an-authority", Remedy::refuse,
                                        "A certificate and key do not form a certificate authority.",
                                        "Name the ca.crt and ca.key that `pitstop pki init` made together."};
inline constexpr Fault no_credential{
    "keys.no-credential", Remedy::refuse, "A diagnostic credential is missing, or its certificate and key do not fit.",
    "Name a folder that `pitstop pki init` or `pitstop pki tester` made for this tester."};

}  // namespace pitstop::io::keys::faults
