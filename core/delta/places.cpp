#include "core/delta/places.h"

#include <algorithm>

namespace pitstop::delta {

Places::Places(std::span<const Place> by_new, std::span<std::uint16_t> by_old) : by_new_(by_new), by_old_(by_old) {
    for (std::size_t i = 0; i < by_old.size(); ++i) by_old[i] = static_cast<std::uint16_t>(i);
    std::ranges::sort(by_old, [&](std::uint16_t a, std::uint16_t b) {
        return by_new[a].old_offset != by_new[b].old_offset ? by_new[a].old_offset < by_new[b].old_offset : a < b;
    });
}

std::size_t Places::at_or_behind(std::uint32_t new_offset) const {
    const auto next = std::ranges::upper_bound(by_new_, new_offset, {}, &Place::new_offset);
    const auto index = static_cast<std::size_t>(next - by_new_.begin());
    if (index > 0 && new_offset - by_new_[index - 1].new_offset < by_new_[index - 1].size_bytes) return index - 1;
    return index;
}

Places::Whereabouts Places::of_offset(std::uint32_t old_offset) const {
    const auto next = std::ranges::upper_bound(by_old_, old_offset, {},
                                               [&](std::uint16_t index) { return by_new_[index].old_offset; });
    const Place* const below = next == by_old_.begin() ? nullptr : &by_new_[*(next - 1)];
    const Place* const above = next == by_old_.end() ? nullptr : &by_new_[*next];
    if (below != nullptr && old_offset - below->old_offset < below->size_bytes)
        return {below->new_offset + (old_offset - below->old_offset), true};
    const Place* near = below;
    if (below == nullptr ||
        (above != nullptr && old_offset - (below->old_offset + below->size_bytes) > above->old_offset - old_offset))
        near = above;
    if (near == nullptr) return {old_offset, false};
    return {near->new_offset + (old_offset - near->old_offset), false};
}

Places::Whereabouts Places::of_target(const Layout& layout, std::uint32_t old_address) const {
    const AddressSpace &before = layout.before, &after = layout.after;
    std::uint32_t nearest = 0;  // the last segment that begins at or below it
    for (std::uint32_t i = 0; i < before.segment_count; ++i)
        if (before.segments[i].address <= old_address) nearest = i;
    const Segment& segment = before.segments[nearest];
    const std::uint32_t inside = old_address - segment.address;
    if (before.segment_count == 0 || inside < segment.size_bytes) {
        const Whereabouts found = of_offset(before.segment_count == 0 ? old_address : segment.offset + inside);
        return {after.address_of(found.address), found.is_known};
    }
    // Behind what stands in the file: variables that begin as zero keep their distance from its end.
    if (nearest >= after.segment_count) return {old_address, false};
    const Segment& same = after.segments[nearest];
    return {same.address + same.size_bytes + (inside - segment.size_bytes), false};
}

}  // namespace pitstop::delta
