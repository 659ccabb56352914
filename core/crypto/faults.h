// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::crypto::faults {

inline constexpr Fault not_authentic{"crypto.not-authentic", Remedy::distrust,
                                     "Sealed data was altered, or was sealed with another key, nonce or context.",
                                     "Fetch it again from its source; if that repeats, treat the source as hostile."};
inline constexpr Fault bad_signature{"crypto.bad-signature", Remedy::distrust,
                                     "A signature does not belong to this message and key.",
                                     "Drop the message; find out who altered it or which key signed it."};
inline constexpr Fault bad_key{
    "crypto.bad-key", Remedy::refuse, "A key is malformed, too large, or of a kind that Pitstop does not use.",
    "Use PEM (SPKI or PKCS#8) of ECDSA P-256 or P-384, Ed25519 or ML-DSA-44, -65, -87; RSA-PSS of 3072 bits "
    "or more only to verify; for sealing, the files that `pitstop key generate --type x-wing` writes."};
inline constexpr Fault bad_passphrase{"crypto.bad-passphrase", Remedy::refuse,
                                      "A private key is sealed and its passphrase is missing or wrong.",
                                      "Name the file that holds the right passphrase."};
inline constexpr Fault too_long{"crypto.too-long", Remedy::refuse,
                                "More bytes were asked for at once than this operation handles.",
                                "Cut the data into chunks; the detail names the limit."};
inline constexpr Fault library_failed{"crypto.library-failed", Remedy::stop,
                                      "The cryptographic library could not do what every supported version can.",
                                      "Check that OpenSSL 3.5.5 or later is installed and its configuration is sound."};

}  // namespace pitstop::crypto::faults
