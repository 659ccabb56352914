// What a Patcher keeps in the storage that it is lent. ECU profile.
#pragma once

#include "core/delta/layout_coder.h"
#include "core/delta/models.h"

namespace pitstop::delta {

// Behind it, in this order: the places, their order in the old image (16 bits each), the window.
struct Workspace {
    static constexpr std::size_t input_bytes = 512;
    static constexpr std::size_t piece_bytes = 1024;

    Models models;
    LayoutModels layout_models;
    Layout layout;
    std::array<std::uint8_t, input_bytes> input;  // of the delta, until a step can be done
    std::array<std::uint8_t, piece_bytes> old;
    std::array<std::uint8_t, piece_bytes> made;
};

}  // namespace pitstop::delta
