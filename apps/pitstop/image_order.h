// What an engineer wants packaged, image by image, and how it is read from what was written about each: options of the
// command line (ecu_options.h) or a description (package_description.h). Both have the same words:
//
//     binary             the firmware file
//     version            X.Y.Z[.B], each number at most 255
//     hardware           the hardware id; by default the one in the vehicle's description, or the ECU's own id
//     release-counter    never goes back; by default the version's four numbers, 1.2.3.4 = 0x01020304
//     type               application, boot, calibration or configuration
//     requires           version ranges of other ECUs, joined by commas
//     conflicts          the same
//     layout             file or flat (core/image/image.h)
//     opens              the forms that the ECU can open, as in "gzip zstd window=4096"; by default what the vehicle's
//                        description says, or all within 32 KiB
//     seal-to            public seal keys, joined by commas: KEY.pub of the ECU itself, ECU_091=KEY.pub of another that
//                        opens for it
//     sbom               a software bill of materials, to lie beside the package
//
// They are written for one ECU, for the master gateway, for one zone's gateway, or for the gateways of all zones that
// have no words of their own. Faults: whatever `refuse` makes of them, package.version-too-large, duplicate-ecu.
#pragma once

#include "apps/pitstop/package_zones.h"
#include "core/base/constraints.h"
#include "core/base/form.h"
#include "core/image/image.h"
#include "core/package/header.h"

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::cli {

struct SealTo {
    EcuId ecu;  // who opens
    std::filesystem::path key;
    bool operator==(const SealTo&) const = default;
};

struct EcuOrder {
    package::Addressee ecu;
    std::filesystem::path binary;
    Version version;
    HardwareId hardware;
    std::uint32_t release_counter = 0;
    package::SoftwareType type = package::SoftwareType::application;
    Constraints constraints = {};
    std::optional<image::Layout> layout = std::nullopt;
    Openings opens = {};
    std::vector<SealTo> seal_to = {};
    std::filesystem::path sbom = {};
};

inline constexpr std::array<std::string_view, 11> order_words{"binary", "version",  "hardware",  "release-counter",
                                                              "type",   "requires", "conflicts", "layout",
                                                              "opens",  "seal-to",  "sbom"};

// What an ECU opens of which nobody said anything. gzip cannot do with less than 32 KiB, so zstd is given as much.
inline constexpr std::string_view opens_usual = "gzip zstd delta hpke window=32768";

struct Whom {
    enum Kind : std::uint8_t { ecu, gateway, zone, every_zone } kind = ecu;
    std::uint32_t number = 0;  // of the ECU or zone
    bool operator==(const Whom&) const = default;
};

struct Written {
    Whom whom;
    std::map<std::string, std::string, std::less<>> values;  // by the words above
    // The error for one of them, with its place.
    std::function<std::unexpected<Error>(std::string_view word, std::string_view why)> refuse;
};

// In the order in which they were written, which becomes the installation order.
[[nodiscard]] Result<std::vector<EcuOrder>> orders_from(std::span<const Written> written, const ZonePlan& zones);

}  // namespace pitstop::cli
