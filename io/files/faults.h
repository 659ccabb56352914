// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::files::faults {

inline constexpr Fault not_there{"files.not-there", Remedy::refuse, "A file that must exist does not.",
                                 "The detail names it; check the configuration or create it."};
inline constexpr Fault unreadable{"files.unreadable", Remedy::stop, "A file is there but cannot be read.",
                                  "The detail gives the system's reason; check owner, permissions and disk."};
inline constexpr Fault too_large{"files.too-large", Remedy::refuse, "A file is larger than its reader allows.",
                                 "The detail gives the limit; this is hardly the right file."};
inline constexpr Fault unwritable{"files.unwritable", Remedy::stop, "A file or its folder cannot be written.",
                                  "The detail gives the system's reason; check owner, permissions and free space."};
inline constexpr Fault not_synced{
    "files.not-synced", Remedy::stop, "The system could not bring written data to the disk, so its state is unknown.",
    "Check the disk before starting again. A failed fsync is never repeated: the second would lie."};

}  // namespace pitstop::io::files::faults
