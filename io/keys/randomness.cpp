#include "io/keys/randomness.h"

#include "core/crypto/openssl.h"

#include <openssl/rand.h>

namespace pitstop::io::keys {

Result<void> SystemRandomness::fill(Room into) {
    if (RAND_bytes(into.data(), static_cast<int>(into.size())) != 1) return crypto::library_failed("random bytes");
    return {};
}

}  // namespace pitstop::io::keys
