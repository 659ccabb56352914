// SHA3-256 and SHAKE-256 (FIPS 202) on OpenSSL: what X-Wing is made of besides its two key agreements.
//
// They cannot fail on a working library; on a broken one the process ends at once, as for digest.h.
#pragma once

#include "core/base/bytes.h"

namespace pitstop::crypto {

[[nodiscard]] Sha256Digest sha3_256(View bytes);
void shake256(View bytes, Room into);  // as many bytes as there is room

}  // namespace pitstop::crypto
