// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::image::faults {

inline constexpr Fault empty{"image.empty", Remedy::refuse, "A firmware image has no bytes.",
                             "Check the path and the build that should have written the file."};
inline constexpr Fault too_large{"image.too-large", Remedy::refuse,
                                 "A firmware image is larger than a package record may be.",
                                 "Images of up to 1 GiB are taken; split the software or remove debugging sections."};
inline constexpr Fault broken_elf{"image.broken-elf", Remedy::refuse,
                                  "A file begins like an ELF program but is not one.",
                                  "The file was cut off or overwritten: build it again."};

}  // namespace pitstop::image::faults
