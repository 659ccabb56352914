// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::tls::faults {

inline constexpr Fault unknown_profile{"tls.unknown-profile", Remedy::refuse,
                                       "There is no TLS profile with this number.",
                                       "Use a profile from 0 to 12 (docs: the thirteen profiles); 2 is the default."};
inline constexpr Fault classical_refused{
    "tls.classical-refused", Remedy::refuse,
    "Profile 0 has no post-quantum key exchange and was not explicitly allowed.",
    "Choose a profile from 1 to 12, or allow the classical one in the configuration."};
inline constexpr Fault group_unavailable{"tls.group-unavailable", Remedy::stop,
                                         "The TLS library cannot offer the profile's key exchange group.",
                                         "Install OpenSSL 3.5.5 or later; never go on with other groups."};
inline constexpr Fault signature_unavailable{"tls.signature-unavailable", Remedy::stop,
                                             "The TLS library cannot offer the profile's signature algorithm.",
                                             "Install OpenSSL 3.5.5 or later; never go on with other algorithms."};
inline constexpr Fault cannot_configure{"tls.cannot-configure", Remedy::stop,
                                        "The TLS library refused a setting that every supported version knows.",
                                        "Check the OpenSSL version and its system configuration."};
inline constexpr Fault bad_certificate{"tls.bad-certificate", Remedy::stop,
                                       "A certificate chain or a trust anchor could not be read.",
                                       "Check the path and that the file is PEM; `pitstop pki show FILE` explains it."};
inline constexpr Fault wrong_key{"tls.wrong-key", Remedy::stop,
                                 "A certificate's key is not of the profile's kind, or not the private key beside it.",
                                 "Issue the certificate again for this profile with `pitstop pki`."};
inline constexpr Fault bad_host{"tls.bad-host", Remedy::refuse, "A host name to verify is empty or malformed.",
                                "Use a DNS name or an IP address that the server's certificate carries."};
inline constexpr Fault wrong_group{
    "tls.wrong-group", Remedy::distrust,
    "A connection came up with another key exchange or signature than its profile demands.",
    "Close it; look for a proxy or a changed OpenSSL configuration in between."};

}  // namespace pitstop::io::tls::faults
