// core/base/for_each.h on several threads at once.
//
//     delta::make(old_image, new_image, options, io::for_each_on(io::cores()));
//
// The thread that calls works along and returns when all is done; the others live only for the call, so it may be
// called from anywhere, also from a Pool. What throws on another thread is thrown again at the caller's; what was not
// begun by then is left out.
#pragma once

#include "core/base/for_each.h"

#include <cstddef>

namespace pitstop::io {

[[nodiscard]] ForEach for_each_on(std::size_t threads);

[[nodiscard]] std::size_t cores();  // of this machine, at least one

}  // namespace pitstop::io
