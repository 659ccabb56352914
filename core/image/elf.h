// ELF (System V ABI, chapters 4 and 5): 32 and 64 bits, both byte orders. What a loader or programmer would take from
// it: the bytes of its PT_LOAD program headers, at their physical addresses (where they lie in flash).
//
// check_elf refuses a header that cannot be and a file that was cut off; a file without program headers passes.
// Faults: image.broken-elf; those of segments.h.
#pragma once

#include "core/image/segments.h"

namespace pitstop::image {

[[nodiscard]] bool begins_like_elf(View file);
[[nodiscard]] Result<void> check_elf(View file);
[[nodiscard]] Result<std::vector<Segment>> elf_segments(View file);  // image.no-segments, overlap too

}  // namespace pitstop::image
