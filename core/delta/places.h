// Where the bytes of the old image went: the longest stretches that the new image has again. From it follows what an
// address in the new image must be, so that only the exceptions are sent. ECU profile; storage is lent.
#pragma once

#include "core/delta/addresses.h"

namespace pitstop::delta {

// old_offset … + size_bytes is found again at new_offset …; roughly: single bytes may differ.
struct Place {
    std::uint32_t old_offset = 0, new_offset = 0, size_bytes = 0;
    bool operator==(const Place&) const = default;
};

class Places {
public:
    Places() = default;
    // `by_new` in the order of the new image, none overlapping there; `by_old` has its indices in the order of the old.
    Places(std::span<const Place> by_new, std::span<std::uint16_t> by_old);

    // The one that the new image's byte is in, or the next one; size() when there is none.
    [[nodiscard]] std::size_t at_or_behind(std::uint32_t new_offset) const;
    [[nodiscard]] std::size_t size() const { return by_new_.size(); }
    [[nodiscard]] const Place& operator[](std::size_t index) const { return by_new_[index]; }

    struct Whereabouts {
        std::uint32_t address = 0;  // in the new image
        bool is_known = false;      // or guessed from what stands near it
    };
    [[nodiscard]] Whereabouts of_target(const Layout& layout, std::uint32_t old_address) const;

private:
    [[nodiscard]] Whereabouts of_offset(std::uint32_t old_offset) const;

    std::span<const Place> by_new_;
    std::span<const std::uint16_t> by_old_;
};

}  // namespace pitstop::delta
