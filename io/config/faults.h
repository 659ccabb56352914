// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::config::faults {

inline constexpr Fault unreadable{"config.unreadable", Remedy::stop, "A configuration file cannot be read.",
                                  "Correct the path or its permissions; a file may have at most 1 MiB."};
inline constexpr Fault malformed{"config.malformed", Remedy::stop, "A configuration file is not valid YAML.",
                                 "The detail names file, line and column."};
inline constexpr Fault missing_key{"config.missing-key", Remedy::stop,
                                   "A configuration file lacks a key that has no default.",
                                   "Add the key; the samples in config/ show all of them."};
inline constexpr Fault unknown_key{"config.unknown-key", Remedy::stop,
                                   "A configuration file has a key that nothing reads.",
                                   "Correct the spelling or remove it; the samples in config/ show all keys."};
inline constexpr Fault duplicate_key{"config.duplicate-key", Remedy::stop, "A configuration file gives a key twice.",
                                     "Remove one of them."};
inline constexpr Fault wrong_type{"config.wrong-type", Remedy::stop,
                                  "A value in a configuration file has the wrong type.",
                                  "The detail says where it stands and what is expected."};
inline constexpr Fault out_of_range{"config.out-of-range", Remedy::stop,
                                    "A value in a configuration file is not one that is allowed.",
                                    "The detail says where it stands and what is allowed."};

}  // namespace pitstop::io::config::faults
