// What of the new bytes the same block has made shortly before (LZ77 within the window). For the desk.
#pragma once

#include "core/delta/block_coder.h"

#include <vector>

namespace pitstop::delta {

class MatchFinder {
public:
    MatchFinder(View image, std::uint32_t begin, std::uint32_t window_bytes);

    // Appends literals and matches that make from … to. Calls go forwards.
    void parse(std::uint32_t from, std::uint32_t to, std::vector<Operation>& operations);

private:
    struct Match {
        std::uint32_t size = 0, distance = 0;
    };
    [[nodiscard]] Match longest(std::uint32_t at, std::uint32_t to) const;
    void enter_up_to(std::uint32_t at);

    static constexpr std::uint32_t none = 0xFFFFFFFF;

    View image_;
    std::uint32_t begin_, window_, entered_;
    std::vector<std::uint32_t> newest_;    // by hash of three bytes
    std::vector<std::uint32_t> previous_;  // by position modulo the window
};

}  // namespace pitstop::delta
