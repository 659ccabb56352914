// The border that SOCI's exceptions do not cross. For the .cpp files of this room only.
#pragma once

#include "core/base/result.h"

#include <string_view>
#include <type_traits>
#include <utility>

namespace pitstop::io::store {

// The exception in flight as a fault; `what` says what was being done. To be called in a catch block.
[[nodiscard]] Error fault_of_exception(std::string_view what);

template <class Work>
[[nodiscard]] std::invoke_result_t<Work> guard(std::string_view what, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        return fail(fault_of_exception(what));
    }
}

}  // namespace pitstop::io::store
