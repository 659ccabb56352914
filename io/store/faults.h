// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::store::faults {

inline constexpr Fault unavailable{"store.unavailable", Remedy::stop, "The database cannot be opened.",
                                   "The detail gives the reason; check the path, its owner and its disk."};
inline constexpr Fault in_use{"store.in-use", Remedy::stop, "Another process has the database open.",
                              "Stop the other pitstop-server, or give this one its own data folder."};
inline constexpr Fault newer_schema{"store.newer-schema", Remedy::stop, "The database was written by a newer Pitstop.",
                                    "Start the newer version, or restore a backup from before the upgrade."};
inline constexpr Fault disk_full{"store.disk-full", Remedy::stop, "The database has no room left to grow.",
                                 "Free space on its disk, or raise its limit, and start again."};
inline constexpr Fault broken{"store.broken", Remedy::stop, "The database does not do what it must.",
                              "The detail gives its reason. Check the disk; restore a backup if the file is damaged."};
inline constexpr Fault conflict{"store.conflict", Remedy::refuse,
                                "What should be stored contradicts what is stored already.",
                                "The detail names the rule; read the current state and decide again."};
inline constexpr Fault bad_row{"store.bad-row", Remedy::stop,
                               "A stored row does not have the form that this version writes.",
                               "The database was changed by hand or is damaged. The detail names the row."};

}  // namespace pitstop::io::store::faults
