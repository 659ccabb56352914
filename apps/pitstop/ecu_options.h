// The free-form options of `package build`: --ecu-011-binary FILE, --ecu-011-version 1.2.0, … in any order.
//
// Bring the words that the command line did not know; get one order per ECU, in the order of first mention, which
// becomes the installation order. --ecu-NNN-release-counter may be left out: the version's four numbers then form it
// (1.2.3.4 = 0x01020304), which rises as versions rise. --ecu-NNN-type is application, boot, calibration or
// configuration. --ecu-NNN-requires and --ecu-NNN-conflicts are version ranges of other ECUs, joined by commas. Fault:
// cli.bad-ecu-option, and those of the parsed types.
#pragma once

#include "core/base/constraints.h"
#include "core/package/header.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace pitstop::cli {

struct EcuOrder {
    EcuId ecu;
    std::filesystem::path binary;
    Version version;
    HardwareId hardware;
    std::uint32_t release_counter;
    package::SoftwareType type;
    Constraints constraints;
};

[[nodiscard]] Result<std::vector<EcuOrder>> read_ecu_options(std::span<const std::string> words);

}  // namespace pitstop::cli
