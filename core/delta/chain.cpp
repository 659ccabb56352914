#include "core/delta/chain.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

struct Best {
    std::uint64_t bytes = 0;
    std::size_t copy = 0;  // its index + 1
};

// The best chain so far that ends below an old offset (a Fenwick tree over the ranks of old offsets).
class BestBelow {
public:
    explicit BestBelow(std::size_t ranks) : tree_(ranks + 1) {}
    [[nodiscard]] Best up_to(std::size_t rank) const {
        Best best;
        for (; rank > 0; rank &= rank - 1)
            if (tree_[rank].bytes > best.bytes) best = tree_[rank];
        return best;
    }
    void enter(std::size_t rank, const Best& best) {
        for (; rank < tree_.size(); rank += rank & (0 - rank))
            if (best.bytes > tree_[rank].bytes) tree_[rank] = best;
    }

private:
    std::vector<Best> tree_;
};

}  // namespace

Copies trusted(const Copies& copies) {
    std::vector<std::uint32_t> offsets;
    for (const Copy& copy : copies) offsets.push_back(copy.old_offset);
    std::ranges::sort(offsets);
    BestBelow below(offsets.size());
    std::vector<std::size_t> before(copies.size());
    Best longest;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        const auto rank =
            static_cast<std::size_t>(std::ranges::lower_bound(offsets, copies[i].old_offset) - offsets.begin());
        Best best = below.up_to(rank);
        before[i] = best.copy;
        best = {best.bytes + copies[i].size, i + 1};
        below.enter(rank + 1, best);
        if (best.bytes > longest.bytes) longest = best;
    }
    std::vector<bool> is_trusted(copies.size());
    for (std::size_t i = longest.copy; i > 0; i = before[i - 1]) is_trusted[i - 1] = true;
    Copies kept;
    for (std::size_t i = 0; i < copies.size(); ++i)
        if (is_trusted[i] || copies[i].size >= trusted_alone_bytes_min) kept.push_back(copies[i]);
    return kept;
}

std::vector<Place> places_from(const Copies& copies, std::uint32_t size_bytes_min, std::size_t count_max) {
    std::vector<Place> all, places;
    for (const Copy& copy : copies)
        if (copy.size >= size_bytes_min) all.push_back({copy.old_offset, copy.new_offset, copy.size});
    std::ranges::stable_sort(all, {}, &Place::old_offset);
    const auto overlaps = [&](const Place& next) {
        return !places.empty() && places.back().old_offset + places.back().size_bytes > next.old_offset;
    };
    for (const Place& next : all) {
        while (overlaps(next) && places.back().size_bytes < next.size_bytes) places.pop_back();
        if (!overlaps(next)) places.push_back(next);
    }
    if (places.size() > count_max) {
        std::ranges::stable_sort(places, std::ranges::greater{}, &Place::size_bytes);
        places.resize(count_max);
    }
    std::ranges::sort(places, {}, &Place::new_offset);
    return places;
}

}  // namespace pitstop::delta
