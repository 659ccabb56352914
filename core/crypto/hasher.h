// Port: SHA-256 over bytes that arrive in pieces (FIPS 180-4). ECU profile: no heap, no library is named here.
//
// Bring pieces of any size, also empty ones; finish() gives the digest of all since the last reset() and starts anew.
// On Linux crypto::Sha256 (digest.h) fills it; a microcontroller fills it with its own engine. It cannot fail: a hash
// engine that does not work has to be found by the self-test at start.
#pragma once

#include "core/base/bytes.h"

namespace pitstop::crypto {

class Hasher {
public:
    virtual void reset() = 0;
    virtual void update(View piece) = 0;
    [[nodiscard]] virtual Sha256Digest finish() = 0;

protected:
    // Never deleted through this class: a virtual destructor would pull operator delete into firmware.
    Hasher() = default;
    Hasher(const Hasher&) = default;
    Hasher& operator=(const Hasher&) = default;
    ~Hasher() = default;
};

}  // namespace pitstop::crypto
