// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::blobs::faults {

inline constexpr Fault unusable_folder{"blobs.unusable-folder", Remedy::stop, "The folder for packages cannot be used.",
                                       "The detail gives the system's reason; check the path, its owner and its disk."};
inline constexpr Fault too_large{"blobs.too-large", Remedy::refuse,
                                 "More bytes were sent than were announced or are allowed.",
                                 "The detail gives the limit; check the file and the limit."};
inline constexpr Fault wrong_digest{"blobs.wrong-digest", Remedy::refuse,
                                    "The bytes sent do not have the digest they were announced with.",
                                    "Send the file again; if it happens twice, build it again."};
inline constexpr Fault damaged{"blobs.damaged", Remedy::distrust,
                               "A stored file no longer has the digest that is its name.",
                               "The disk or a person changed it. Remove it and upload the package again."};

}  // namespace pitstop::io::blobs::faults
