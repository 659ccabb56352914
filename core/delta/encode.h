// Says one block of a delta: copies, what lies between them, corrections and references. For the desk.
#pragma once

#include "core/delta/copies.h"
#include "core/delta/header.h"
#include "core/delta/matches.h"
#include "core/delta/places.h"

namespace pitstop::delta {

// What every block of one delta has before it.
struct Ground {
    View old_image, new_image;
    const Layout& layout;
    const Places& places;
    const Copies& copies;
    const OldIndex& old_index;
    const Header& header;
};

// The data of the block that makes new_begin … new_end, without its header.
[[nodiscard]] Bytes encode_block(const Ground& ground, std::uint32_t new_begin, std::uint32_t new_end);

}  // namespace pitstop::delta
