// CRC-32 as in IEEE 802.3 (reflected polynomial 0xEDB88320): finds damage on the way, proves nothing. ECU profile.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>

namespace pitstop::package {

class Crc32 {
public:
    void update(View bytes);
    [[nodiscard]] std::uint32_t value() const { return ~state_; }

private:
    std::uint32_t state_ = 0xFFFFFFFF;
};

[[nodiscard]] std::uint32_t crc32(View bytes);

}  // namespace pitstop::package
