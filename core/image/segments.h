// An image in pieces: what an ELF file, Intel HEX or S-records say is to stand where.
//
// Bring pieces in any order; get them sorted by address, touching ones joined, none over another. flatten() makes one
// piece of them: from the lowest address to the highest, the gaps filled with 0xFF, what erased flash holds.
//
// Faults: image.no-segments, overlap, address-overflow, too-many-segments, too-scattered.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstdint>
#include <vector>

namespace pitstop::image {

inline constexpr std::size_t segments_max = 65'536;  // of a file's own pieces; linkers write less than a hundred
// From the lowest to the highest address. No microcontroller's flash is larger: a wider file describes two memories
// (program flash and option bytes, say) that lie far apart, and needs one file for each.
inline constexpr std::uint64_t span_bytes_max = std::uint64_t{64} << 20;
inline constexpr std::uint8_t gap_fill = 0xFF;

struct Segment {
    std::uint64_t address = 0;
    Bytes bytes{};
    [[nodiscard]] std::uint64_t end() const { return address + bytes.size(); }
    bool operator==(const Segment&) const = default;
};

// Collects pieces as a file lists them: one that goes on where the last one ended makes it longer.
class SegmentList {
public:
    [[nodiscard]] Result<void> add(std::uint64_t address, View bytes);
    [[nodiscard]] Result<std::vector<Segment>> finish();

private:
    std::vector<Segment> segments_;
};

// Segments as SegmentList::finish returns them.
[[nodiscard]] Result<Segment> flatten(const std::vector<Segment>& segments);

}  // namespace pitstop::image
