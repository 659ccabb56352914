// Port: whether this ECU itself wants an image, asked before its flash is touched. ECU profile.
#pragma once

#include "core/flash/record.h"

namespace pitstop::flash {

class Approval {
public:
    // Whether an image of this size may take the place of what the other bank holds. flash.not-approved
    [[nodiscard]] virtual Result<void> allows_size(std::uint32_t size_bytes) const = 0;
    // Whether it is this very image, member for member. flash.not-approved
    [[nodiscard]] virtual Result<void> allows(const ImageRecord& image) const = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    Approval() = default;
    Approval(const Approval&) = default;
    Approval& operator=(const Approval&) = default;
    ~Approval() = default;
};

}  // namespace pitstop::flash
