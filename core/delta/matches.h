// What of the new bytes stands, however short, in what the same block made shortly before (LZ77 within the window), and
// anywhere in the old image. For the desk.
#pragma once

#include "core/delta/block_coder.h"

#include <vector>

namespace pitstop::delta {

// Longer than this nobody has to look: it is taken.
inline constexpr std::uint32_t size_enough = 96;

class MatchFinder {
public:
    MatchFinder(View image, std::uint32_t begin, std::uint32_t window_bytes);

    // Appends matches with what stands before `at`, each longer than the one before it, the nearest of its size; none
    // beyond `to`. Calls go forwards.
    void find(std::uint32_t at, std::uint32_t to, std::vector<Operation>& found);

private:
    void enter_up_to(std::uint32_t at);

    static constexpr std::uint32_t none = 0xFFFFFFFF;

    View image_;
    std::uint32_t begin_, window_, entered_;
    std::vector<std::uint32_t> newest_;    // by hash of three bytes
    std::vector<std::uint32_t> previous_;  // by position modulo the window
};

class OldIndex {
public:
    explicit OldIndex(View image);

    [[nodiscard]] View image() const { return image_; }
    // How much of `wanted` stands there.
    [[nodiscard]] std::uint32_t same(View wanted, std::uint32_t offset) const;
    // Appends copies of the beginning of `wanted`, not from before `oldest`: each is longer than the one before it, or
    // nearer to `expected`.
    void find(View wanted, std::uint32_t expected, std::uint32_t oldest, std::vector<Operation>& found) const;

private:
    [[nodiscard]] std::size_t hash(const std::uint8_t* at) const;

    static constexpr std::uint32_t none = 0xFFFFFFFF;

    View image_;
    unsigned bits_;
    std::vector<std::uint32_t> newest_;    // by hash of five bytes
    std::vector<std::uint32_t> previous_;  // by position
};

}  // namespace pitstop::delta
