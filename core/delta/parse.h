// How to say best what no long copy makes: literals, matches and short copies so that their prices together are least.
// Prices are what the models of block_coder.h ask for about, once they have learned. For the desk.
#pragma once

#include "core/delta/matches.h"

#include <vector>

namespace pitstop::delta {

// A copy that may be made, or not.
struct Offer {
    std::uint32_t at = 0;  // offset in the new image
    Operation copy;
};

class Parser {
public:
    // Of the old image, bytes before `oldest` are left alone.
    Parser(const OldIndex& old, View new_image, std::uint32_t oldest, MatchFinder& matches)
        : new_image_(new_image),
          old_(old),
          oldest_(oldest),
          matches_(matches) {}

    // First all bytes that will have to be said, for the prices of literals.
    void count(View bytes, std::uint8_t byte_before);
    void set_prices();

    // Appends what makes from … to. Calls go forwards. `shift` is that of the copy before, and then of the last one.
    void parse(std::uint32_t from, std::uint32_t to, std::span<const Offer> offers, std::uint32_t& shift,
               std::vector<Operation>& operations);

private:
    struct Step {
        std::uint32_t price = unreached, shift = 0;
        Operation by;  // it was reached
    };
    static constexpr std::uint32_t unreached = 0xFFFFFFFF;

    void try_literal(std::uint32_t at);
    void try_matches(std::uint32_t at, std::uint32_t to);
    void try_offer(const Offer& offer, std::uint32_t to);
    void try_copies(std::uint32_t at, std::uint32_t to);
    void try_copy(std::uint32_t at, const Operation& copy, std::uint32_t size_min, std::uint32_t more);
    void reach(std::uint32_t at, const Operation& by, std::uint32_t price, std::uint32_t shift);

    View new_image_;
    const OldIndex& old_;
    std::uint32_t oldest_;
    MatchFinder& matches_;
    std::array<std::array<std::uint32_t, 256>, 16> counts_{}, prices_{};  // by the upper half of the byte before
    std::uint32_t from_ = 0, longest_ = 0;
    std::vector<Step> steps_;  // by how far they are from from_
    std::vector<Operation> found_;
};

}  // namespace pitstop::delta
