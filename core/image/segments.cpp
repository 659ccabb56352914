#include "core/image/segments.h"

#include "core/image/faults.h"

#include <algorithm>
#include <format>
#include <limits>

namespace pitstop::image {

Result<void> SegmentList::add(std::uint64_t address, View bytes) {
    if (bytes.empty()) return {};
    if (bytes.size() > std::numeric_limits<std::uint64_t>::max() - address)
        return fail(faults::address_overflow, std::format("{} bytes at {:#x}", bytes.size(), address));
    if (!segments_.empty() && segments_.back().end() == address) {
        segments_.back().bytes.insert(segments_.back().bytes.end(), bytes.begin(), bytes.end());
        return {};
    }
    if (segments_.size() == segments_max) return fail(faults::too_many_segments);
    segments_.push_back({address, Bytes(bytes.begin(), bytes.end())});
    return {};
}

Result<std::vector<Segment>> SegmentList::finish() {
    if (segments_.empty()) return fail(faults::no_segments);
    std::ranges::sort(segments_, {}, &Segment::address);
    std::vector<Segment> joined;
    for (Segment& next : segments_) {
        if (!joined.empty() && joined.back().end() > next.address)
            return fail(faults::overlap, std::format("at {:#x}", next.address));
        if (!joined.empty() && joined.back().end() == next.address)
            joined.back().bytes.insert(joined.back().bytes.end(), next.bytes.begin(), next.bytes.end());
        else
            joined.push_back(std::move(next));
    }
    segments_.clear();
    return joined;
}

Result<Segment> flatten(const std::vector<Segment>& segments) {
    if (segments.empty()) return fail(faults::no_segments);
    const std::uint64_t first = segments.front().address, span_bytes = segments.back().end() - first;
    if (span_bytes > span_bytes_max)
        return fail(faults::too_scattered, std::format("from {:#x} to {:#x}", first, segments.back().end()));
    Segment flat{first, Bytes(span_bytes, gap_fill)};
    for (const Segment& segment : segments)
        std::ranges::copy(segment.bytes,
                          flat.bytes.begin() + static_cast<std::ptrdiff_t>(segment.address - flat.address));
    return flat;
}

}  // namespace pitstop::image
