// How the log calls whom an address belongs to: "ECU_011", or "0xE400" where there is no such ECU.
#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <format>
#include <string>

namespace pitstop::io::ethernet {

[[nodiscard]] inline std::string name_of(std::uint16_t address) {
    const auto ecu = EcuId::from_address(address);
    return ecu ? ecu->str() : std::format("0x{:04X}", address);
}

}  // namespace pitstop::io::ethernet
