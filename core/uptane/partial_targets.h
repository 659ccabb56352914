// What the Director's Targets say to one small ECU (Uptane 2.1.0 #partial_verification). ECU profile.
//
// The description of the ECU's own image is read in full; of the others only whom they are for.
// Faults: base.*; uptane.bad-member, wrong-vin, duplicate-ecu, wrong-hardware, release-counter-back.
#pragma once

#include "core/base/ids.h"
#include "core/uptane/json_text.h"

namespace pitstop::uptane {

// Who judges.
struct EcuIdentity {
    Vin vin;
    EcuId ecu;
    HardwareId hardware;
    std::uint32_t release_counter = 0;  // of what is installed and committed
};

// The only description of an image that a small ECU may install from.
struct ApprovedImage {
    HardwareId hardware;
    std::uint32_t size_bytes = 0;
    Sha256Digest sha256{};
    Version version = {};
    std::uint32_t release_counter = 0;
    bool operator==(const ApprovedImage&) const = default;
};

// From the body of a file whose signatures, version and date were checked. Nothing: no image for this ECU.
[[nodiscard]] Result<std::optional<ApprovedImage>> read_own_target(const json_text::Value& body,
                                                                   const EcuIdentity& who);

}  // namespace pitstop::uptane
