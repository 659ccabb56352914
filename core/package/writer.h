// Makes one SWPG record: the only header that belongs to this payload, to be followed by the payload itself.
//
// Bring what it is, in which form, and where it stands in the installation order; write the 64 bytes, then `payload`
// unchanged.
// Faults: package.version-too-large, time-out-of-range, impossible-size, record-too-large.
#pragma once

#include "core/base/time.h"
#include "core/package/header.h"

namespace pitstop::package {

struct RecordDescription {
    Addressee target;
    SoftwareType software_type = SoftwareType::application;
    Version version;
    std::uint32_t release_counter = 0;
    UtcTime created{};
    std::uint32_t sequence_number = 0;
    Form form = {};
    std::uint64_t image_size_bytes = 0;  // after opening; not asked for where the form is plain
};

[[nodiscard]] Result<HeaderBytes> header_for(const RecordDescription& what, View payload);

}  // namespace pitstop::package
