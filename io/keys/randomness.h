// The operating system's generator behind the port of small ECUs. Fault: crypto.library-failed.
#pragma once

#include "core/crypto/randomness.h"

namespace pitstop::io::keys {

class SystemRandomness final : public crypto::Randomness {
public:
    [[nodiscard]] Result<void> fill(Room into) override;
};

}  // namespace pitstop::io::keys
