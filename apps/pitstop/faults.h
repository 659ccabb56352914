// The faults that only the command line itself can find.
#pragma once

#include "core/base/result.h"

namespace pitstop::cli::faults {

inline constexpr Fault already_there{"cli.already-there", Remedy::refuse, "Keys or certificates stand where new ones should go.",
                                     "Choose another place; --force, where it is offered, replaces them for good."};

}  // namespace pitstop::cli::faults
