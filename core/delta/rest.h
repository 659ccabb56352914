// What the blocks were too coarse for: the longest piece of the old image's rest at every place of the new one's, by a
// suffix array (libdivsufsort). For the desk.
#pragma once

#include "core/delta/copies.h"

namespace pitstop::delta {

// Bytes of old image that no copy took, and a little around them, are looked through. Appends copies that lie in
// `open`. Faults of the library (out of memory) give fewer copies, nothing worse.
void match_rest_by_suffixes(View old_image, View new_image, const std::vector<Range>& open, Copies& copies);

}  // namespace pitstop::delta
