// How independent pieces of pure work are carried out: core has no threads of its own, so whoever calls lends them.
//
// A ForEach calls work(0) … work(count - 1), each once, in any order and perhaps at the same time, and returns when all
// are done. in_turn does it on the spot; io/runtime's Pool does it on its threads.
#pragma once

#include <cstddef>
#include <functional>

namespace pitstop {

using Work = std::function<void(std::size_t)>;
using ForEach = std::function<void(std::size_t count, const Work& work)>;

inline void in_turn(std::size_t count, const Work& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
}

}  // namespace pitstop
