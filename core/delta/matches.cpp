#include "core/delta/matches.h"

#include "core/delta/match.h"

#include <algorithm>
#include <bit>

namespace pitstop::delta {
namespace {

constexpr unsigned hash_bits = 13;
constexpr std::uint32_t match_worth_min = 3, copy_worth_min = 5;  // bytes
constexpr int tries_max = 48, old_tries_max = 16;

std::uint32_t hash_of_three(const std::uint8_t* at) {
    const std::uint32_t value =
        at[0] | static_cast<std::uint32_t>(at[1]) << 8 | static_cast<std::uint32_t>(at[2]) << 16;
    return value * 0x9E3779B1U >> (32 - hash_bits);
}

}  // namespace

MatchFinder::MatchFinder(View image, std::uint32_t begin, std::uint32_t window_bytes)
    : image_(image),
      begin_(begin),
      window_(window_bytes),
      entered_(begin),
      newest_(std::size_t{1} << hash_bits, none),
      previous_(window_bytes, none) {}

void MatchFinder::enter_up_to(std::uint32_t at) {
    if (at - entered_ > window_) entered_ = at - window_;
    for (; entered_ < at && entered_ + match_worth_min <= image_.size(); ++entered_) {
        std::uint32_t& newest = newest_[hash_of_three(&image_[entered_])];
        previous_[entered_ & (window_ - 1)] = newest;
        newest = entered_;
    }
}

void MatchFinder::find(std::uint32_t at, std::uint32_t to, std::vector<Operation>& found) {
    enter_up_to(at);
    if (to - at < match_worth_min) return;
    const std::uint32_t oldest = at - begin_ > window_ ? at - window_ : begin_;
    std::uint32_t candidate = newest_[hash_of_three(&image_[at])], longest = match_worth_min - 1;
    for (int tries = 0; tries < tries_max && candidate != none && candidate >= oldest && candidate < at; ++tries) {
        const std::uint32_t size = delta::same(&image_[at], &image_[candidate], to - at);
        if (size > longest) {
            found.push_back({.make = Make::match, .size = size, .from = at - candidate});
            longest = size;
        }
        if (size >= size_enough) break;
        const std::uint32_t next = previous_[candidate & (window_ - 1)];
        if (next == none || next >= candidate) break;
        candidate = next;
    }
}

OldIndex::OldIndex(View image)
    : image_(image),
      bits_(static_cast<unsigned>(std::clamp(static_cast<int>(std::bit_width(image.size())), 8, 18))),
      newest_(std::size_t{1} << bits_, none),
      previous_(image.size(), none) {
    for (std::uint32_t at = 0; at + copy_worth_min <= image.size(); ++at) {
        std::uint32_t& newest = newest_[hash(&image[at])];
        previous_[at] = newest;
        newest = at;
    }
}

std::size_t OldIndex::hash(const std::uint8_t* at) const {
    const std::uint64_t value = load_le<std::uint32_t>(at) | std::uint64_t{at[4]} << 32;
    return static_cast<std::size_t>(value * 0x9E3779B97F4A7C15U >> (64 - bits_));
}

std::uint32_t OldIndex::same(View wanted, std::uint32_t offset) const {
    return delta::same(wanted.data(), &image_[offset],
                       static_cast<std::uint32_t>(std::min(wanted.size(), image_.size() - offset)));
}

void OldIndex::find(View wanted, std::uint32_t expected, std::uint32_t oldest, std::vector<Operation>& found) const {
    if (wanted.size() < copy_worth_min) return;
    std::uint32_t candidate = newest_[hash(wanted.data())], longest = 0, nearest = none;
    for (int tries = 0; tries < old_tries_max && candidate != none && candidate >= oldest; ++tries) {
        const std::uint32_t size = same(wanted, candidate);
        const std::uint32_t away = std::min(candidate - expected, expected - candidate);
        if (size >= copy_worth_min && (size > longest || away < nearest)) {
            found.push_back({.make = Make::copy, .size = size, .from = candidate});
            longest = std::max(longest, size);
            nearest = std::min(nearest, away);
        }
        if (size >= size_enough) break;
        candidate = previous_[candidate];
    }
}

}  // namespace pitstop::delta
