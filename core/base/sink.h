// Port: where bytes go as they come. A stage of a pipeline is a ByteSink that pushes into the next one. ECU profile.
//
//     download → Unsealer → GzipReader or ZstdReader → Patcher → bank
//
// push() takes pieces of any size, also empty ones, that live only for the call. finish() says that all have come; a
// stage then passes on what it still holds and calls the next one's finish(). After an error a stage gives the same
// error again, and never more bytes.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace pitstop {

class ByteSink {
public:
    [[nodiscard]] virtual Result<void> push(View piece) = 0;
    [[nodiscard]] virtual Result<void> finish() = 0;

protected:
    // Never deleted through this class: a virtual destructor would pull operator delete into firmware.
    ByteSink() = default;
    ByteSink(const ByteSink&) = default;
    ByteSink& operator=(const ByteSink&) = default;
    ~ByteSink() = default;
};

}  // namespace pitstop
