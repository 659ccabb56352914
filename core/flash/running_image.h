// The image that runs, as what a delta is applied to. ECU profile.
//
// Bring slots that have booted and outlive this. Where no image runs, its size is 0. Faults: those of the device.
#pragma once

#include "core/delta/apply.h"
#include "core/flash/slots.h"

namespace pitstop::flash {

class RunningImage final : public delta::OldImage {
public:
    explicit RunningImage(Slots& slots) : slots_(slots) {}

    [[nodiscard]] std::uint32_t size_bytes() const override {
        const ImageRecord* image = slots_.running_image();
        return image == nullptr ? 0 : image->size_bytes;
    }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        return slots_.read_running(offset, into);
    }

private:
    Slots& slots_;
};

}  // namespace pitstop::flash
