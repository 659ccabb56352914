// What of the new image stands in the old one, found by the maker and said by the encoder. For the desk.
#pragma once

#include "core/delta/addresses.h"

#include <vector>

namespace pitstop::delta {

// new_offset … + size is old_offset … + size, but for single bytes and references.
struct Copy {
    std::uint32_t new_offset = 0, old_offset = 0, size = 0;

    [[nodiscard]] std::uint32_t new_end() const { return new_offset + size; }
    [[nodiscard]] std::uint32_t old_end() const { return old_offset + size; }
    // Added to an offset in the new image it gives the one in the old image, modulo 2^32.
    [[nodiscard]] std::uint32_t shift() const { return old_offset - new_offset; }
    bool operator==(const Copy&) const = default;
};

struct Range {
    std::uint32_t begin = 0, end = 0;
    [[nodiscard]] std::uint32_t size() const { return end - begin; }
    bool operator==(const Range&) const = default;
};

// A word of an image that stands elsewhere in it: what a loader writes at `offset` before the program runs, as an
// address, or as a number for the name of something in another file.
struct LoadedWord {
    std::uint32_t offset = 0, label = 0;
    bool is_name = false;
};

using Copies = std::vector<Copy>;  // in the order of the new image, none overlapping there

}  // namespace pitstop::delta
