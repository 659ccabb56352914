// Motorola S-records (M68000 family programmer's reference, appendix C): S0 title, S1 S2 S3 data at 16, 24, 32 bits,
// S5 S6 how many data records there were, S9 S8 S7 end.
//
// Every line's checksum is right, a count is the right one, the file ends with its end record, no record runs over the
// end of what it can address, no byte is given twice. Faults: image.broken-records, wrong-checksum; those of
// segments.h.
#pragma once

#include "core/image/segments.h"

namespace pitstop::image {

[[nodiscard]] bool looks_like_s_records(View file);
[[nodiscard]] Result<std::vector<Segment>> s_record_segments(View file);

}  // namespace pitstop::image
