#include "core/delta/matches.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

constexpr unsigned hash_bits = 13;
constexpr std::uint32_t size_worth_min = 3, size_worth_far = 4, far = 300;
constexpr int tries_max = 48;
constexpr std::uint32_t size_enough = 256;

std::uint32_t hash(const std::uint8_t* at) {
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
    for (; entered_ < at && entered_ + 3 <= image_.size(); ++entered_) {
        std::uint32_t& newest = newest_[hash(&image_[entered_])];
        previous_[entered_ & (window_ - 1)] = newest;
        newest = entered_;
    }
}

MatchFinder::Match MatchFinder::longest(std::uint32_t at, std::uint32_t to) const {
    Match best;
    if (to - at < size_worth_min) return best;
    const std::uint32_t oldest = at - begin_ > window_ ? at - window_ : begin_;
    std::uint32_t candidate = newest_[hash(&image_[at])];
    for (int tries = 0; tries < tries_max && candidate != none && candidate >= oldest && candidate < at; ++tries) {
        const auto end = std::mismatch(image_.begin() + at, image_.begin() + to, image_.begin() + candidate).first;
        const auto size = static_cast<std::uint32_t>(end - image_.begin()) - at;
        const std::uint32_t distance = at - candidate;
        if (size > best.size && size >= (distance < far ? size_worth_min : size_worth_far)) best = {size, distance};
        if (best.size >= size_enough) break;
        const std::uint32_t next = previous_[candidate & (window_ - 1)];
        if (next == none || next >= candidate) break;
        candidate = next;
    }
    return best;
}

void MatchFinder::parse(std::uint32_t from, std::uint32_t to, std::vector<Operation>& operations) {
    const auto literal = [&](std::uint32_t at) { operations.push_back({.byte = image_[at]}); };
    for (std::uint32_t at = from; at < to;) {
        enter_up_to(at);
        const Match here = longest(at, to);
        if (here.size == 0) {
            literal(at++);
            continue;
        }
        enter_up_to(at + 1);
        if (at + 1 < to && here.size < 32 && longest(at + 1, to).size > here.size + 1) {
            literal(at++);
            continue;
        }
        operations.push_back({.make = Make::match, .size = here.size, .from = here.distance});
        at += here.size;
    }
}

}  // namespace pitstop::delta
