#include "core/delta/parse.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace pitstop::delta {
namespace {

// All prices in eighths of a bit.
constexpr std::uint32_t literal_costs = 9, literal_costs_max = 105;  // that it is one; with its byte
constexpr std::uint32_t match_costs = 40, copy_costs = 40;           // that it is one, and its numbers' widths
constexpr std::uint32_t other_shift_costs = 40, same_shift_costs = 8;
constexpr std::uint32_t size_costs = 12, bit_of_size_costs = 7, correction_costs = 80;

std::uint32_t width(std::uint32_t number) { return static_cast<std::uint32_t>(std::bit_width(number + 1)) - 1; }

std::uint32_t price_of_size(std::uint32_t size) { return size_costs + bit_of_size_costs * width(size); }

// Eight times the logarithm, to the base of two; between two powers a straight line.
std::uint32_t eight_log2(std::uint32_t number) {
    const std::uint32_t bits = static_cast<std::uint32_t>(std::bit_width(number)) - 1;
    const std::uint64_t above = number - (std::uint32_t{1} << bits);
    return 8 * bits + static_cast<std::uint32_t>(8 * above >> bits);
}

}  // namespace

void Parser::count(View bytes, std::uint8_t byte_before) {
    for (const std::uint8_t byte : bytes) {
        ++counts_[byte_before >> 4][byte];
        byte_before = byte;
    }
}

void Parser::set_prices() {
    for (std::size_t before = 0; before < counts_.size(); ++before) {
        const auto& counts = counts_[before];
        const auto weight = [](std::uint32_t count) { return 5 * count + 2; };  // what was never seen may come
        const std::uint32_t all = std::accumulate(counts.begin(), counts.end(), std::uint32_t{0},
                                                  [&](std::uint32_t sum, auto count) { return sum + weight(count); });
        for (std::size_t byte = 0; byte < counts.size(); ++byte)
            prices_[before][byte] =
                std::min(literal_costs + eight_log2(all) - eight_log2(weight(counts[byte])), literal_costs_max);
    }
}

void Parser::reach(std::uint32_t at, const Operation& by, std::uint32_t price, std::uint32_t shift) {
    Step& step = steps_[at - from_ + by.size];
    if (price < step.price) step = {price, shift, by};
}

void Parser::try_literal(std::uint32_t at) {
    const Step& here = steps_[at - from_];
    const std::size_t before = at > 0 ? new_image_[at - 1] >> 4 : 0;
    reach(at, {.byte = new_image_[at]}, here.price + prices_[before][new_image_[at]], here.shift);
}

void Parser::try_matches(std::uint32_t at, std::uint32_t to) {
    const Step here = steps_[at - from_];
    found_.clear();
    matches_.find(at, to, found_);
    std::uint32_t size = match_size_min;
    for (Operation match : found_) {
        const std::uint32_t price = here.price + match_costs + 8 * width(match.from - 1);
        longest_ = std::max(longest_, match.size);
        const std::uint32_t whole = match.size;
        for (size = whole >= size_enough ? whole : size + 1; size <= whole; ++size) {
            match.size = size;
            reach(at, match, price + price_of_size(size - match_size_min), here.shift);
        }
        size = whole;
    }
}

// Of a long copy only the whole is worth a try.
void Parser::try_copy(std::uint32_t at, const Operation& copy, std::uint32_t size_min, std::uint32_t more) {
    const Step here = steps_[at - from_];
    const std::uint32_t shift = copy.from - at, away = std::min(shift - here.shift, here.shift - shift);
    const std::uint32_t price =
        here.price + copy_costs + more + (away == 0 ? same_shift_costs : other_shift_costs + 8 * width(away));
    longest_ = std::max(longest_, copy.size);
    Operation part = copy;
    for (part.size = copy.size >= size_enough ? copy.size : std::min(size_min, copy.size); part.size <= copy.size;
         ++part.size)
        reach(at, part, price + price_of_size(part.size - 1), shift);
}

void Parser::try_offer(const Offer& offer, std::uint32_t to) {
    if (offer.copy.size > to - offer.at) return;
    const View from = old_.image().subspan(offer.copy.from, offer.copy.size);
    std::uint32_t corrections = 0;
    for (std::uint32_t i = 0; i < from.size(); ++i) corrections += from[i] != new_image_[offer.at + i] ? 1 : 0;
    try_copy(offer.at, offer.copy, offer.copy.size, corrections * correction_costs);
}

void Parser::try_copies(std::uint32_t at, std::uint32_t to) {
    constexpr std::uint32_t size_min = 4, size_on_the_way_min = 2;
    const View wanted = new_image_.subspan(at, to - at);
    const std::uint32_t expected = at + steps_[at - from_].shift;
    if (expected >= oldest_ && expected < old_.image().size()) {
        const std::uint32_t size = old_.same(wanted, expected);
        if (size >= size_on_the_way_min)
            try_copy(at, {.make = Make::copy, .size = size, .from = expected}, size_on_the_way_min, 0);
    }
    if (longest_ >= size_enough) return;
    found_.clear();
    old_.find(wanted, expected, oldest_, found_);
    for (const Operation& copy : found_) try_copy(at, copy, size_min, 0);
}

void Parser::parse(std::uint32_t from, std::uint32_t to, std::span<const Offer> offers, std::uint32_t& shift,
                   std::vector<Operation>& operations) {
    from_ = from;
    steps_.assign(std::size_t{to - from} + 1, {});
    steps_[0] = {0, shift, {}};
    for (std::uint32_t at = from; at < to;) {
        while (!offers.empty() && offers.front().at < at) offers = offers.subspan(1);
        if (steps_[at - from].price == unreached) {
            ++at;
            continue;
        }
        longest_ = 1;
        try_literal(at);
        for (; !offers.empty() && offers.front().at == at; offers = offers.subspan(1)) try_offer(offers.front(), to);
        try_matches(at, to);
        if (longest_ < size_enough) try_copies(at, to);
        at += longest_ >= size_enough ? longest_ : 1;
    }
    const auto first = static_cast<std::ptrdiff_t>(operations.size());
    for (std::uint32_t left = to - from; left > 0; left -= steps_[left].by.size) operations.push_back(steps_[left].by);
    std::reverse(operations.begin() + first, operations.end());
    shift = steps_[to - from].shift;
}

}  // namespace pitstop::delta
