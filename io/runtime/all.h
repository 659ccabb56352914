// Several tasks side by side on the caller's loop.
//
// Bring tasks that keep their own outcomes: an error of one stops no other. Comes back when all have ended; a cancelled
// caller cancels them and waits for their end, so they may refer to what is the caller's.
#pragma once

#include "io/runtime/task.h"

#include <vector>

namespace pitstop::io {

[[nodiscard]] boost::asio::awaitable<void> all(std::vector<Task<void>> tasks);

}  // namespace pitstop::io
