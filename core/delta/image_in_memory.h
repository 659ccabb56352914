// The image that is there, whole in memory: at the desk, on the server and in tests. Not part of the ECU profile.
#pragma once

#include "core/delta/apply.h"

#include <algorithm>

namespace pitstop::delta {

// The bytes outlive it.
class ImageInMemory final : public OldImage {
public:
    explicit ImageInMemory(View bytes) : bytes_(bytes) {}

    [[nodiscard]] std::uint32_t size_bytes() const override { return static_cast<std::uint32_t>(bytes_.size()); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        std::ranges::copy(bytes_.subspan(offset, into.size()), into.begin());
        return {};
    }

private:
    View bytes_;
};

}  // namespace pitstop::delta
