#include "core/delta/rest.h"

#include "core/delta/match.h"

#include <divsufsort.h>

#include <algorithm>
#include <numeric>

namespace pitstop::delta {
namespace {

constexpr std::uint32_t margin_bytes = 16;  // of what was taken, beside the rest: new code often repeats its neighbours
constexpr std::uint32_t exact_bytes_min = 8;  // about what the operation of a copy costs
constexpr std::uint32_t near_bytes_min = 6;   // where it goes on as the last one did

// Pieces of the old image, one behind the other.
class Text {
public:
    Text(View image, const std::vector<Range>& pieces) : pieces_(pieces) {
        for (const Range& piece : pieces) {
            begins_.push_back(static_cast<std::uint32_t>(bytes_.size()));
            const View part = image.subspan(piece.begin, piece.size());
            bytes_.insert(bytes_.end(), part.begin(), part.end());
        }
        suffixes_.resize(bytes_.size());
        if (!bytes_.empty() && divsufsort(bytes_.data(), suffixes_.data(), static_cast<saidx_t>(bytes_.size())) != 0)
            suffixes_.clear();
        for (const saidx_t suffix : suffixes_)
            ++behind_[first_two(View(bytes_).subspan(static_cast<std::size_t>(suffix))) + 1];
        std::partial_sum(behind_.begin(), behind_.end(), behind_.begin());
    }

    struct Found {
        std::uint32_t size = 0, offset = 0;  // in the image
    };
    [[nodiscard]] Found longest(View wanted) const {
        const std::size_t two = first_two(wanted);
        std::size_t low = behind_[two], high = behind_[two + 1];
        Found best;
        while (low < high) {
            const std::size_t middle = (low + high) / 2;
            const View suffix = View(bytes_).subspan(static_cast<std::size_t>(suffixes_[middle]));
            const auto shorter = static_cast<std::uint32_t>(std::min(wanted.size(), suffix.size()));
            const std::uint32_t size = same(wanted.data(), suffix.data(), shorter);
            note(static_cast<std::uint32_t>(suffixes_[middle]), size, best);
            if (size == wanted.size()) break;
            if (size == suffix.size() || suffix[size] < wanted[size])
                low = middle + 1;
            else
                high = middle;
        }
        return best;
    }

private:
    static std::size_t first_two(View bytes) {
        return static_cast<std::size_t>(bytes[0]) << 8 | (bytes.size() > 1 ? bytes[1] : 0U);
    }
    void note(std::uint32_t at, std::uint32_t size, Found& best) const {
        if (size <= best.size) return;
        const auto piece = static_cast<std::size_t>(std::ranges::upper_bound(begins_, at) - begins_.begin()) - 1;
        const std::uint32_t inside = at - begins_[piece];
        const std::uint32_t offset = pieces_[piece].begin + inside;
        size = std::min(size, pieces_[piece].size() - inside);
        if (size > best.size) best = {size, offset};
    }

    const std::vector<Range>& pieces_;
    std::vector<std::uint32_t> begins_;
    Bytes bytes_;
    std::vector<saidx_t> suffixes_;
    std::vector<std::uint32_t> behind_ = std::vector<std::uint32_t>(65537);  // how many begin with less than these two
};

std::vector<Range> rest_of_old(const Copies& copies, std::uint32_t size) {
    std::vector<Range> taken, rest;
    for (const Copy& copy : copies) {
        const Range inner{copy.old_offset + margin_bytes, copy.old_end() - std::min(margin_bytes, copy.old_end())};
        if (inner.begin < inner.end) taken.push_back(inner);
    }
    std::ranges::sort(taken, {}, &Range::begin);
    std::uint32_t at = 0;
    for (const Range& range : taken) {
        if (range.begin > at) rest.push_back({at, range.begin});
        at = std::max(at, range.end);
    }
    if (at < size) rest.push_back({at, size});
    return rest;
}

}  // namespace

void match_rest_by_suffixes(View old_image, View new_image, const std::vector<Range>& open, Copies& copies) {
    const std::vector<Range> pieces = rest_of_old(copies, static_cast<std::uint32_t>(old_image.size()));
    const Text text(old_image, pieces);
    Copies found;
    for (const Range& range : open) {
        // What stands directly before the gap tells where it may go on.
        const auto next = std::ranges::upper_bound(copies, range.begin, {}, &Copy::new_offset);
        std::uint32_t shift = next != copies.begin() ? (next - 1)->shift() : 0;
        for (std::uint32_t at = range.begin, done = at; at + near_bytes_min <= range.end;) {
            const View wanted = new_image.subspan(at, range.end - at);
            Text::Found best{0, 0};
            const std::uint32_t same = at + shift;
            if (same < old_image.size()) {
                const View old_rest = old_image.subspan(same);
                const auto size =
                    static_cast<std::uint32_t>(std::ranges::mismatch(wanted, old_rest).in1 - wanted.begin());
                if (size >= near_bytes_min) best = {size, same};
            }
            if (best.size < exact_bytes_min)
                if (const Text::Found far = text.longest(wanted); far.size >= exact_bytes_min) best = far;
            if (best.size == 0) {
                ++at;
                continue;
            }
            const std::uint32_t forwards =
                std::max(best.size, alike_forwards(old_image, best.offset, wanted, Grain::bytes));
            const std::uint32_t backwards =
                alike_backwards(old_image.first(best.offset), new_image.subspan(done, at - done), Grain::bytes);
            found.push_back({at - backwards, best.offset - backwards, backwards + forwards});
            shift = best.offset - at;
            at = done = at + forwards;
        }
    }
    copies.insert(copies.end(), found.begin(), found.end());
    std::ranges::sort(copies, {}, &Copy::new_offset);
}

}  // namespace pitstop::delta
