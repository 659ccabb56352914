// Told of each step's end of programming, for a log. ECU profile.
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace pitstop::flash {

// `what` is a literal.
class TargetObserver {
public:
    virtual void did(std::string_view what) = 0;
    virtual void refused(std::string_view what, const Error& why) = 0;

protected:
    TargetObserver() = default;
    TargetObserver(const TargetObserver&) = default;
    TargetObserver& operator=(const TargetObserver&) = default;
    ~TargetObserver() = default;
};

}  // namespace pitstop::flash
