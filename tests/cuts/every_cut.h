// Every power cut of one scenario, and random ones.
#pragma once

#include "tests/cuts/player.h"

namespace pitstop::cuts {

struct Count {
    std::uint64_t cuts = 0, lives = 0, operations = 0;  // operations: of the updates that nobody cut
    std::string failure{};                              // of the first try that did not hold, and how to see it again
};

// A cut at every operation of the update, and after each of them one at every operation of the recovery (or at every
// n-th, beginning elsewhere after each first cut, where the scenario says so); each time the next life must end
// updated. `only_first`, `only_second`: one pair of them, counted from 1; 0: all.
void cut_everywhere(Scenario& scenario, flash::Torn torn, Count& count, std::uint64_t only_first = 0,
                    std::uint64_t only_second = 0);

// A memory, images, a kind and up to five cuts at random, all from the seed.
void cut_at_random(std::uint64_t seed, Count& count);

}  // namespace pitstop::cuts
