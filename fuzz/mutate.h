// Inputs near the seeds: flipped bits, cuts, splices, repetitions, interesting integers in binary and in text.
//
// The n-th input depends on the seeds, the number and n alone, so a run can be repeated.
#pragma once

#include "core/base/bytes.h"

#include <random>
#include <span>

namespace pitstop::fuzz {

inline constexpr std::size_t input_size_bytes_max = 64 * 1024;  // what a case may cost; limits above it have unit tests

class Mutator {
public:
    Mutator(std::span<const Bytes> seeds, std::uint64_t number) : seeds_(seeds), number_(number) {}

    [[nodiscard]] Bytes make(std::uint64_t n);

private:
    void change(Bytes& input);
    void put_integer(Bytes& input);
    void put_number_in_text(Bytes& input);
    void cut_out(Bytes& input);
    void insert_noise(Bytes& input);
    void repeat_piece(Bytes& input);
    void take_tail_of_another(Bytes& input);
    void insert_piece_of_another(Bytes& input);
    void exchange_quoted(Bytes& input);

    [[nodiscard]] std::size_t below(std::size_t limit) { return limit == 0 ? 0 : chance_() % limit; }
    [[nodiscard]] std::size_t short_length() { return 1 + below(std::size_t{1} << below(7)); }
    [[nodiscard]] const Bytes& any_seed() { return seeds_[below(seeds_.size())]; }

    std::span<const Bytes> seeds_;
    std::uint64_t number_;
    std::mt19937_64 chance_;
};

}  // namespace pitstop::fuzz
