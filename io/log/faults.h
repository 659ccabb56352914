// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::io::log::faults {

inline constexpr Fault file_not_writable{"log.file-not-writable", Remedy::stop, "The log file cannot be written.",
                                         "Correct the path or its permissions."};

}  // namespace pitstop::io::log::faults
