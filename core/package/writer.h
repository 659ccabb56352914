// Makes one SWPG record: the only header that belongs to this image, to be followed by the image itself.
//
// Bring what the image is and where it stands in the installation order; write the 64 bytes, then `payload` unchanged.
// Faults: package.version-too-large, time-out-of-range, impossible-size, record-too-large.
#pragma once

#include "core/base/time.h"
#include "core/package/header.h"

namespace pitstop::package {

struct RecordDescription {
    EcuId ecu;
    SoftwareType software_type = SoftwareType::application;
    Version version;
    std::uint32_t release_counter = 0;
    UtcTime created{};
    std::uint32_t sequence_number = 0;
};

[[nodiscard]] Result<HeaderBytes> header_for(const RecordDescription& what, View payload);

}  // namespace pitstop::package
