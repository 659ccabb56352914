#include "core/delta/match.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pitstop::delta {
namespace {

constexpr std::int32_t same_is_worth = 2, other_costs = 3;       // bytes
constexpr std::int32_t word_is_worth = 8, other_word_costs = 8;  // aligned words
constexpr std::int64_t given_up_below_best = 64;
constexpr std::uint32_t jump_costs = 16;  // bytes that another shift must bring
constexpr int candidates_max = 24;
constexpr std::uint32_t same_shift_bytes_min = 8;

std::uint64_t eight(const std::uint8_t* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

std::uint32_t hash(const std::uint8_t* at, unsigned bits) {
    std::uint64_t mixed = eight(at) * 0x9E3779B97F4A7C15U;
    mixed = (std::rotl(mixed, 29) ^ eight(at + 8)) * 0xBF58476D1CE4E5B9U;
    mixed = (std::rotl(mixed, 31) ^ eight(at + 16)) * 0x94D049BB133111EBU;
    return static_cast<std::uint32_t>(mixed >> (64 - bits));
}

}  // namespace

std::uint32_t same(const std::uint8_t* a, const std::uint8_t* b, std::uint32_t size_max) {
    std::uint32_t size = 0;
    while (size + 8 <= size_max) {
        const std::uint64_t difference = eight(a + size) ^ eight(b + size);
        if (difference != 0) return size + static_cast<std::uint32_t>(std::countr_zero(difference)) / 8;
        size += 8;
    }
    while (size < size_max && a[size] == b[size]) ++size;
    return size;
}

namespace {

std::int64_t worth_of_words(const std::uint8_t* a, const std::uint8_t* b) {
    const auto one = load_le<std::uint32_t>(a), other = load_le<std::uint32_t>(b);
    return one != other ? -other_word_costs : one != 0 ? word_is_worth : 1;
}

struct Worth {
    std::int64_t now = 0, best = 0;
    std::uint32_t best_size = 0;

    void add(std::int64_t worth, std::uint32_t size) {
        now += worth;
        if (now <= best) return;
        best = now;
        best_size = size;
    }
    [[nodiscard]] bool is_hopeless() const { return now < best - given_up_below_best; }
};

}  // namespace

BlockIndex::BlockIndex(View old_image, const std::vector<Range>& ranges)
    : old_image_(old_image),
      bits_(std::clamp<unsigned>(std::bit_width(old_image.size() / step_bytes), 10, 22)),
      newest_(std::size_t{1} << bits_, none),
      previous_(old_image.size() / step_bytes + 1, none) {
    for (const Range& range : ranges)
        for (std::uint32_t at = (range.begin + step_bytes - 1) / step_bytes * step_bytes; at + block_bytes <= range.end;
             at += step_bytes) {
            const std::uint8_t* const block = &old_image[at];
            if (eight(block) == eight(block + 8) && eight(block) == eight(block + 16))
                continue;  // of fillings there are too many
            std::uint32_t& head = newest_[hash(block, bits_)];
            previous_[at / step_bytes] = head;
            head = at;
        }
}

std::uint32_t BlockIndex::newest(const std::uint8_t* block) const { return newest_[hash(block, bits_)]; }

namespace {

std::uint32_t alike_words_forwards(View old_rest, View new_rest) {
    const std::size_t limit = std::min(old_rest.size(), new_rest.size());
    Worth worth;
    for (std::uint32_t size = 0; size + 4 <= limit && !worth.is_hopeless(); size += 4)
        worth.add(worth_of_words(&old_rest[size], &new_rest[size]), size + 4);
    return worth.best_size;
}

}  // namespace

std::uint32_t alike_forwards(View old_image, std::uint32_t old_at, View new_rest, Grain grain) {
    const View old_rest = old_image.subspan(old_at);
    if (grain == Grain::words) return alike_words_forwards(old_rest, new_rest);
    const auto limit = static_cast<std::uint32_t>(std::min(old_rest.size(), new_rest.size()));
    Worth worth;
    std::uint32_t change_before = 0, word_before = 0;
    for (std::uint32_t size = 0; size < limit && !worth.is_hopeless();) {
        const std::uint32_t run = same(&old_rest[size], &new_rest[size], limit - size);
        size += run;
        worth.add(std::int64_t{same_is_worth} * run, size);
        if (size == limit) break;
        // An aligned word that changes as the last one did costs next to nothing: entries of a table that moved.
        const std::uint32_t inside = (old_at + size) & 3U;
        if (inside <= size && size - inside + 4 <= limit) {
            const std::uint32_t word = size - inside;
            const std::uint32_t change =
                load_le<std::uint32_t>(&new_rest[word]) - load_le<std::uint32_t>(&old_rest[word]);
            if (change == change_before && word != word_before) {
                size = word + 4;
                worth.add(same_is_worth, size);
                continue;
            }
            change_before = change;
            word_before = word;
        }
        ++size;
        worth.add(-other_costs, size);
    }
    return worth.best_size;
}

std::uint32_t alike_backwards(View old_before, View new_before, Grain grain) {
    const auto limit = static_cast<std::uint32_t>(std::min(old_before.size(), new_before.size()));
    const std::uint8_t* const old_end = old_before.data() + old_before.size();
    const std::uint8_t* const new_end = new_before.data() + new_before.size();
    Worth worth;
    if (grain == Grain::words) {
        for (std::uint32_t size = 4; size <= limit && !worth.is_hopeless(); size += 4)
            worth.add(worth_of_words(old_end - size, new_end - size), size);
        return worth.best_size;
    }
    for (std::uint32_t size = 1; size <= limit && !worth.is_hopeless(); ++size)
        worth.add(*(old_end - size) == *(new_end - size) ? same_is_worth : -other_costs, size);
    return worth.best_size;
}

namespace {

// Walks over a range of the new image and takes the best place for each stretch of it.
class Matcher {
public:
    Matcher(const BlockIndex& index, View new_image, Range range, Grain grain, Copies& copies)
        : index_(index),
          old_image_(index.image()),
          new_image_(new_image),
          range_(range),
          grain_(grain),
          copies_(copies) {}

    void walk() {
        const std::uint32_t step = grain_ == Grain::words ? 4 : 1;
        done_ = range_.begin;
        for (std::uint32_t at = (range_.begin + step - 1) / step * step; at + 8 <= range_.end;) {
            best_ = 0;
            try_same_shift(at);
            if (best_ < BlockIndex::block_bytes * 2) try_blocks(at);
            if (best_ == 0) {
                at += step;
                continue;
            }
            take(at);
            at = (done_ + step - 1) / step * step;
        }
    }

private:
    void try_same_shift(std::uint32_t at) {
        const std::uint32_t old_at = at + shift_, wanted = grain_ == Grain::words ? 8 : same_shift_bytes_min;
        if (old_at >= old_image_.size() || old_image_.size() - old_at < wanted || range_.end - at < wanted) return;
        if (same(&old_image_[old_at], &new_image_[at], wanted) == wanted) consider(at, old_at, 0);
    }
    void try_blocks(std::uint32_t at) {
        if (at + BlockIndex::block_bytes > range_.end) return;
        std::uint32_t candidate = index_.newest(&new_image_[at]);
        for (int tries = 0; candidate != BlockIndex::none && tries < candidates_max; ++tries) {
            if (std::memcmp(&old_image_[candidate], &new_image_[at], BlockIndex::block_bytes) == 0)
                consider(at, candidate, best_ > 0 ? jump_costs : 0);
            candidate = index_.next(candidate);
        }
    }
    void consider(std::uint32_t at, std::uint32_t old_at, std::uint32_t costs) {
        const std::uint32_t size = alike_forwards(old_image_, old_at, new_image_.subspan(at, range_.end - at), grain_);
        if (size <= best_ + costs) return;
        best_ = size;
        best_at_ = old_at;
    }
    void take(std::uint32_t at) {
        const std::uint32_t back =
            alike_backwards(old_image_.first(best_at_), new_image_.subspan(done_, at - done_), grain_);
        copies_.push_back({at - back, best_at_ - back, back + best_});
        done_ = at + best_;
        shift_ = best_at_ - at;
    }

    const BlockIndex& index_;
    View old_image_, new_image_;
    Range range_;
    Grain grain_;
    Copies& copies_;
    std::uint32_t done_ = 0, shift_ = 0, best_ = 0, best_at_ = 0;
};

}  // namespace

void match_range(const BlockIndex& index, View new_image, Range range, Grain grain, Copies& copies) {
    Matcher(index, new_image, range, grain, copies).walk();
}

}  // namespace pitstop::delta
