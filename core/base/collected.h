// Keeps in memory whatever comes: the end of a pipeline at the desk, on the server and in tests. Not part of the ECU
// profile.
#pragma once

#include "core/base/sink.h"

namespace pitstop {

class Collected final : public ByteSink {
public:
    Result<void> push(View piece) override {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> finish() override {
        ++finished;
        return {};
    }

    Bytes bytes;
    int finished = 0;  // how often the end was told
};

}  // namespace pitstop
