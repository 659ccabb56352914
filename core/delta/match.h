// Finds the copies: long ones by an index of the old image's blocks, extended over single differences. For the desk.
#pragma once

#include "core/delta/copies.h"
#include "core/delta/labels.h"

namespace pitstop::delta {

// Every eighth block of 24 bytes of the old image, by hash.
class BlockIndex {
public:
    BlockIndex(View old_image, const std::vector<Range>& ranges);

    static constexpr std::uint32_t block_bytes = 24, step_bytes = 8, none = 0xFFFFFFFF;

    [[nodiscard]] std::uint32_t newest(const std::uint8_t* block) const;
    [[nodiscard]] std::uint32_t next(std::uint32_t offset) const { return previous_[offset / step_bytes]; }
    [[nodiscard]] View image() const { return old_image_; }

private:
    View old_image_;
    unsigned bits_;
    std::vector<std::uint32_t> newest_, previous_;
};

// What is compared: bytes, or aligned words of four, of which only those that are not zero say much.
enum class Grain : std::uint8_t { bytes, words };

// Bytes that are the same from the start, at most `size_max`.
[[nodiscard]] std::uint32_t same(const std::uint8_t* a, const std::uint8_t* b, std::uint32_t size_max);

// How far two places are alike: more of the same than of what differs, all the way.
[[nodiscard]] std::uint32_t alike_forwards(View old_image, std::uint32_t old_at, View new_rest, Grain grain);
[[nodiscard]] std::uint32_t alike_backwards(View old_before, View new_before, Grain grain);

// Appends copies into `range` of the new image.
void match_range(const BlockIndex& index, View new_image, Range range, Grain grain, Copies& copies);

}  // namespace pitstop::delta
