// Makes the delta that turns one image into another. For the desk and the server.
//
// Bring both images whole. The same two images and options give the same bytes, whoever works.
// The way: find_references (calls, branches, addresses: x86-64, Thumb, AArch64, pointers) in both; match what lies
// between them (an index of blocks for what is long, libdivsufsort for the rest); parse for the least price what no
// long copy makes; say it as docs/formats/delta.md has it. Faults: delta.empty, too-large, impossible-options,
// bank-too-small.
#pragma once

#include "core/base/bytes.h"
#include "core/base/for_each.h"
#include "core/base/result.h"
#include "core/delta/mode.h"

#include <cstdint>

namespace pitstop::delta {

struct Options {
    Mode mode = Mode::beside;
    std::uint32_t window_bytes =
        4096;  // that the ECU remembers of what it made; its description says what it has room for
    std::uint32_t sector_bytes = 4096;           // blocks end at a multiple: an ECU goes on there after a power cut
    std::uint32_t block_bytes_max = 256 * 1024;  // of the image: what a power cut costs; smaller blocks learn less
    std::uint64_t bank_bytes = 0;  // in place: room for the old image to move out of the way; 0: as much as is best
};

[[nodiscard]] Result<Bytes> make(View old_image, View new_image, const Options& options = {},
                                 const ForEach& for_each = in_turn);

}  // namespace pitstop::delta
