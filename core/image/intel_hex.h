// Intel HEX (Intel, Hexadecimal Object File Format Specification, revision A, 1988): records 00 data, 01 end, 02 and 04
// upper address bits, 03 and 05 where execution starts (checked for form, not kept).
//
// Every line's checksum is right, the file ends with its end record, no record runs over the end of what it can address
// (the specification would begin again at 0: nobody means that), no byte is given twice.
// Faults: image.broken-records, wrong-checksum; those of segments.h.
#pragma once

#include "core/image/segments.h"

namespace pitstop::image {

[[nodiscard]] bool looks_like_intel_hex(View file);
[[nodiscard]] Result<std::vector<Segment>> intel_hex_segments(View file);

}  // namespace pitstop::image
