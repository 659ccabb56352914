#include "fuzz/mutate.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace pitstop::fuzz {
namespace {

constexpr std::array<std::uint64_t, 20> interesting{
    0,   1,   2,   7,      8,      15,          16,          64,          100,        127,
    128, 255, 256, 0x7FFF, 0xFFFF, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF, UINT64_MAX, 1ULL << 63};
constexpr std::array<std::string_view, 16> numbers{"0",
                                                   "1",
                                                   "-1",
                                                   "00",
                                                   "255",
                                                   "256",
                                                   "65536",
                                                   "2147483648",
                                                   "4294967295",
                                                   "4294967296",
                                                   "9223372036854775808",
                                                   "18446744073709551615",
                                                   "18446744073709551616",
                                                   "1e3",
                                                   "0.5",
                                                   "1e999"};

using Offset = Bytes::difference_type;
Bytes::iterator at(Bytes& input, std::size_t offset) { return input.begin() + static_cast<Offset>(offset); }

// A piece of `from` that begins at `offset`.
View piece(const Bytes& from, std::size_t offset, std::size_t size) {
    return View(from).subspan(offset, std::min(size, from.size() - offset));
}

void insert(Bytes& input, std::size_t offset, View what) {
    const Bytes copy(what.begin(), what.end());  // it may view the input itself
    input.insert(at(input, offset), copy.begin(), copy.end());
}

void replace(Bytes& input, std::size_t offset, std::size_t size, View what) {
    const Bytes copy(what.begin(), what.end());
    input.erase(at(input, offset), at(input, offset + size));
    input.insert(at(input, offset), copy.begin(), copy.end());
}

// The text between the n-th quotation mark and the one after it, counted around.
View quoted(View text, std::size_t n) {
    const auto marks = static_cast<std::size_t>(std::ranges::count(text, std::uint8_t{'"'}));
    if (marks < 2) return {};
    auto mark = std::ranges::find(text, std::uint8_t{'"'});
    for (n %= marks - 1; n > 0; --n) mark = std::find(mark + 1, text.end(), std::uint8_t{'"'});
    return View(mark + 1, std::find(mark + 1, text.end(), std::uint8_t{'"'}));
}

}  // namespace

Bytes Mutator::make(std::uint64_t n) {
    std::seed_seq sequence{number_, number_ >> 32, n, n >> 32};
    chance_.seed(sequence);
    Bytes input = any_seed();
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) change(input);
    if (input.size() > input_size_bytes_max) input.resize(input_size_bytes_max);
    return input;
}

void Mutator::change(Bytes& input) {
    if (input.empty()) return insert_noise(input);
    switch (below(12)) {
        case 0: input[below(input.size())] ^= static_cast<std::uint8_t>(1U << below(8)); return;
        case 1: input[below(input.size())] = static_cast<std::uint8_t>(chance_()); return;
        case 2: return put_integer(input);
        case 3: return put_number_in_text(input);
        case 4: return cut_out(input);
        case 5: input.resize(below(input.size())); return;
        case 6: return insert_noise(input);
        case 7: return repeat_piece(input);
        case 8: return take_tail_of_another(input);
        case 9: return insert_piece_of_another(input);
        default: return exchange_quoted(input);
    }
}

void Mutator::put_integer(Bytes& input) {
    const std::size_t size = std::size_t{1} << below(4);
    if (input.size() < size) return;
    const std::uint64_t value = interesting[below(interesting.size())] + below(3) - 1;
    std::array<std::uint8_t, 8> bytes{};
    if (below(2) == 0)
        store_le(bytes.data(), value);
    else
        store_be(bytes.data(), value << (64 - 8 * size));
    std::copy_n(bytes.begin(), size, at(input, below(input.size() - size + 1)));
}

void Mutator::put_number_in_text(Bytes& input) {
    const auto is_digit = [](std::uint8_t c) { return c >= '0' && c <= '9'; };
    const auto begin = std::find_if(at(input, below(input.size())), input.end(), is_digit);
    if (begin == input.end()) return;
    const auto end = std::find_if_not(begin, input.end(), is_digit);
    replace(input, static_cast<std::size_t>(begin - input.begin()), static_cast<std::size_t>(end - begin),
            view_of(numbers[below(numbers.size())]));
}

void Mutator::cut_out(Bytes& input) {
    const std::size_t offset = below(input.size());
    replace(input, offset, std::min(short_length(), input.size() - offset), {});
}

void Mutator::insert_noise(Bytes& input) {
    Bytes noise(short_length());
    const bool one_byte = below(2) == 0;
    const auto fill = static_cast<std::uint8_t>(chance_());
    for (std::uint8_t& byte : noise) byte = one_byte ? fill : static_cast<std::uint8_t>(chance_());
    insert(input, below(input.size() + 1), noise);
}

void Mutator::repeat_piece(Bytes& input) {
    const std::size_t offset = below(input.size());
    const View what = piece(input, offset, short_length());
    insert(input, below(2) == 0 ? offset : below(input.size() + 1), what);
}

void Mutator::take_tail_of_another(Bytes& input) {
    const Bytes& other = any_seed();
    const std::size_t offset = below(input.size() + 1);
    input.resize(offset);
    insert(input, offset,
           piece(other, below(2) == 0 ? std::min(offset, other.size()) : below(other.size() + 1), SIZE_MAX));
}

void Mutator::insert_piece_of_another(Bytes& input) {
    const Bytes& other = any_seed();
    insert(input, below(input.size() + 1), piece(other, below(other.size() + 1), short_length()));
}

// In JSON: a member's name or text becomes another one, which keeps the form and changes the meaning.
void Mutator::exchange_quoted(Bytes& input) {
    const View out = quoted(input, below(64)), in = quoted(any_seed(), below(64));
    if (out.data() == nullptr || in.data() == nullptr) return;
    replace(input, static_cast<std::size_t>(out.data() - input.data()), out.size(), in);
}

}  // namespace pitstop::fuzz
