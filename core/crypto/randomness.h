// Port: random bytes that nobody can foresee, for challenges and seeds. ECU profile: no library is named here; io/keys
// fills it with the operating system's generator, a microcontroller with its own.
#pragma once

#include "core/base/bytes.h"

namespace pitstop::crypto {

class Randomness {
public:
    // Any fault means that nothing in `into` may be used.
    [[nodiscard]] virtual Result<void> fill(Room into) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    Randomness() = default;
    Randomness(const Randomness&) = default;
    Randomness& operator=(const Randomness&) = default;
    ~Randomness() = default;
};

}  // namespace pitstop::crypto
